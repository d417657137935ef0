package dev.guardrail.server.wiring;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.StrictJson;
import io.micronaut.web.router.Router;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import javax.net.SocketFactory;

/// A whole guard behind a real socket, on SQLite in a directory of its own, with one agent, one host and three
/// operators.
public final class Served implements AutoCloseable {
    public static final String CODER = key("coder");
    public static final String OTHER = key("other");
    public static final String APP = key("app");
    public static final String ANN = key("ann");
    public static final String SAM = key("sam");
    public static final String ROOT = key("root");

    public static final String RULES = """
            apiVersion: guardrail/v1
            kind: Policy
            metadata: {name: base, owner: platform}
            rules:
              - {id: allow-reads, match: {tools: [crm.get]}, effect: allow}
              - {id: hold-pay, match: {tools: [crm.pay]}, effect: require_approval}
              - {id: deny-drop, match: {tools: [crm.drop]}, effect: deny, message: Nothing is dropped.}
              - {id: ask-mail, match: {tools: [crm.mail]}, effect: clarify, ask: Which ticket is it for?}
            ---
            apiVersion: guardrail/v1
            kind: Tools
            server: crm
            tools:
              get: {effect: read, inputSchema: {type: object}}
              pay: {effect: external, inputSchema: {type: object}}
              drop: {effect: destructive, inputSchema: {type: object}}
              mail: {effect: external, inputSchema: {type: object}}
            """;

    /// What a guard is served with where nothing else lies in its directory.
    public static final String CONFIGURATION = """
            listen: 127.0.0.1:0
            data: ./data
            policies: [./policies]
            servers:
              crm: {caller: true}
            agents:
              - {name: coder, key: {env: CODER}, roles: [developer]}
              - {name: other, key: {env: OTHER}}
            hosts:
              - {name: app, key: {env: APP}, agents: [bot]}
            origins: ["https://guardrail.example"]
            operators:
              - {name: ann, key: {env: ANN}, roles: [approver]}
              - {name: sam, key: {env: SAM}, roles: [auditor]}
              - {name: root, key: {env: ROOT}, roles: [admin]}
            """;

    public final Path directory;
    public final Sidecar sidecar;
    private final SocketFactory sockets;
    private final HttpClient client;

    private Served(Path directory, Sidecar sidecar) throws Exception {
        this.directory = directory;
        this.sidecar = sidecar;
        boolean tls = TlsCertificate.isIn(directory);
        this.sockets = tls ? TlsCertificate.context(directory).getSocketFactory() : SocketFactory.getDefault();
        this.client = tls ? TlsCertificate.trusting(directory) : HttpClient.newHttpClient();
    }

    private static String key(String name) {
        return "grd_" + name + "-".repeat(43 - name.length());
    }

    /// Starts with the usual configuration and rules, or with what lies in the directory already.
    public static Served in(Path directory) throws Exception {
        return in(directory, Clocks.system());
    }

    /// The same with another configuration.
    ///
    /// @param word what stands otherwise in the usual one
    public static Served in(Path directory, String word, String otherwise) throws Exception {
        write(directory.resolve("guardrail.yaml"), CONFIGURATION.replace(word, otherwise));
        rules(directory);
        return in(directory);
    }

    /// The same by other clocks.
    public static Served in(Path directory, Clocks clocks) throws Exception {
        Path configuration = directory.resolve("guardrail.yaml");
        if (Files.notExists(configuration)) {
            write(configuration, CONFIGURATION);
            rules(directory);
        }
        var secrets = new Secrets(environment()::get);
        return new Served(directory, Sidecar.start(ConfigurationReader.read(configuration, secrets), secrets, clocks));
    }

    /// Starts in a directory with other servers than the usual one.
    ///
    /// @param servers as YAML, indented by two
    /// @param policies texts of files by their names
    /// @param tool that is listed once its server was asked
    public static Served before(Path directory, String servers, Map<String, String> policies, String tool)
            throws Exception {
        write(directory.resolve("guardrail.yaml"), CONFIGURATION.replace("crm: {caller: true}", servers));
        policies(directory, policies);
        Served served = in(directory);
        while (!served.get(ROOT, "/v1/tools").text().contains(tool)) Thread.onSpinWait();
        return served;
    }

    private static void rules(Path directory) throws IOException {
        policies(directory, Map.of("rules.yaml", RULES));
    }

    private static void policies(Path directory, Map<String, String> texts) throws IOException {
        Path policies = Files.createDirectory(
                directory.resolve("policies"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        for (var text : texts.entrySet()) write(policies.resolve(text.getKey()), text.getValue());
    }

    public static Map<String, String> environment() {
        var environment = new HashMap<String, String>();
        environment.put("CODER", CODER);
        environment.put("OTHER", OTHER);
        environment.put("APP", APP);
        environment.put("ANN", ANN);
        environment.put("SAM", SAM);
        environment.put("ROOT", ROOT);
        return environment;
    }

    /// Writes a file that nobody else can write, whatever the umask.
    public static void write(Path file, String text) throws IOException {
        Files.writeString(file, text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    }

    /// An answer.
    public record Answer(int status, Map<String, String> headers, String text) {
        public JsonObject json() {
            return (JsonObject) StrictJson.parse(text.getBytes(StandardCharsets.UTF_8));
        }

        public String text(String member) {
            return json().text(member).orElseThrow(() -> new AssertionError("no `" + member + "` in " + text));
        }

        public Json get(String member) {
            return json().get(member).orElseThrow(() -> new AssertionError("no `" + member + "` in " + text));
        }

        public String problem() {
            String type = text("type");
            return type.substring(type.lastIndexOf('/') + 1);
        }
    }

    public Answer get(String key, String path) {
        return send(key, "GET", path, "", Map.of());
    }

    public Answer post(String key, String path, String body) {
        return send(key, "POST", path, body, Map.of());
    }

    /// @param key empty for none
    public Answer send(String key, String method, String path, String body, Map<String, String> headers) {
        var request = HttpRequest.newBuilder(URI.create(sidecar.url() + path))
                .timeout(Duration.ofSeconds(60))
                .method(method, HttpRequest.BodyPublishers.ofString(body));
        if (!key.isEmpty()) request.header("Authorization", "Bearer " + key);
        if (!body.isEmpty() && !headers.containsKey("Content-Type")) request.header("Content-Type", "application/json");
        headers.forEach(request::header);
        try {
            HttpResponse<String> response = client.send(request.build(), HttpResponse.BodyHandlers.ofString());
            var names = new HashMap<String, String>();
            response.headers().map().forEach((name, values) -> names.put(name, values.getFirst()));
            return new Answer(response.statusCode(), names, response.body());
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        } catch (InterruptedException stopped) {
            throw new IllegalStateException(stopped);
        }
    }

    /// A connection, under TLS where the guard has a certificate.
    public Socket socket() throws IOException {
        var socket = sockets.createSocket("127.0.0.1", sidecar.url().getPort());
        socket.setSoTimeout(20_000);
        return socket;
    }

    /// Sends bytes as they are, and gives the first line of the answer.
    public String raw(String request) throws IOException {
        try (var socket = socket()) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            socket.getOutputStream().flush();
            var line = new StringBuilder();
            int read = socket.getInputStream().read();
            while (read >= 0 && read != '\r') {
                line.append((char) read);
                read = socket.getInputStream().read();
            }
            return line.toString();
        }
    }

    /// Every route of the running server, as method, space and template, but those that the framework adds to
    /// answer `HEAD` as `GET`.
    public Set<String> routes() {
        return sidecar.context()
                .getBean(Router.class)
                .uriRoutes()
                .map(route -> route.getHttpMethodName() + " "
                        + route.getUriMatchTemplate().toPathString())
                .filter(route -> !route.startsWith("HEAD "))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /// What the guard has written.
    public dev.guardrail.journal.Journal journal() {
        return sidecar.assembly().journal();
    }

    /// Reads the policies again, now.
    public void reload() {
        sidecar.assembly().reload();
    }

    /// Ends every ticket whose time has come, after the clocks were moved.
    public void expireDue() {
        sidecar.assembly().desk().expireDue();
    }

    public Answer propose(String key, String tool, String arguments) {
        return post(key, "/v1/calls", "{\"tool\":\"" + tool + "\",\"arguments\":" + arguments + "}");
    }

    @Override
    public void close() throws IOException {
        sidecar.close();
    }
}
