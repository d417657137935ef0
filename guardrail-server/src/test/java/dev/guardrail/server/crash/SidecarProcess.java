package dev.guardrail.server.crash;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.StrictJson;
import dev.guardrail.server.wiring.Served;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// `serve` in a process of its own, to be asked over HTTP and killed.
final class SidecarProcess implements AutoCloseable {
    private static final String READY = "guardrail is ready at ";
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Process process;
    private final Path errors;
    private final HttpClient client;
    private URI url = URI.create("http://nowhere");

    private SidecarProcess(Process process, Path errors, HttpClient client) {
        this.process = process;
        this.errors = errors;
        this.client = client;
    }

    /// Puts a configuration and policies into a directory.
    static void configure(Path home, String upstream, String policies) throws IOException {
        Files.createDirectories(
                home.resolve("policies"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        Served.write(home.resolve("policies/ledger.yaml"), policies);
        Served.write(
                home.resolve("guardrail.yaml"),
                Served.CONFIGURATION.replace("crm: {caller: true}", "ledger: {url: \"" + upstream + "\"}"));
    }

    /// Begins to start; it is not ready yet.
    static SidecarProcess start(Path home, HttpClient client) throws IOException {
        Path errors = home.resolve("errors");
        return new SidecarProcess(begin(home, errors, List.of("serve")), errors, client);
    }

    /// Runs another command on what a guard has left.
    ///
    /// @return what it said
    static String run(Path home, String... command) throws IOException, InterruptedException {
        Process process = begin(home, home.resolve("errors"), List.of(command));
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return process.waitFor() == 0 ? said : said + "exit code " + process.exitValue();
    }

    private static Process begin(Path home, Path errors, List<String> command) throws IOException {
        var words = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx256m",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.guardrail.server.cli.Guardrail"));
        words.addAll(command);
        var builder = new ProcessBuilder(words)
                .directory(home.toFile())
                .redirectError(ProcessBuilder.Redirect.appendTo(errors.toFile()));
        builder.environment().putAll(Served.environment());
        return builder.start();
    }

    /// Waits until it has started and recovered.
    void awaitReady() throws IOException {
        String line = process.inputReader(StandardCharsets.UTF_8).readLine();
        if (line == null || !line.startsWith(READY))
            throw new IOException("it did not start: " + line + "\n" + Files.readString(errors));
        url = URI.create(line.substring(READY.length()));
    }

    /// An answer; empty where the process was gone before it.
    Optional<Answer> post(String key, String path, String body) {
        return send(request(key, path)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build());
    }

    Optional<Answer> get(String key, String path) {
        return send(request(key, path).build());
    }

    private HttpRequest.Builder request(String key, String path) {
        return HttpRequest.newBuilder(url.resolve(path)).timeout(PATIENCE).header("Authorization", "Bearer " + key);
    }

    private Optional<Answer> send(HttpRequest request) {
        try {
            HttpResponse<byte[]> response = client.send(request, HttpResponse.BodyHandlers.ofByteArray());
            return Optional.of(new Answer(response.statusCode(), (JsonObject) StrictJson.parse(response.body())));
        } catch (IOException gone) {
            return Optional.empty();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    record Answer(int status, JsonObject json) {
        String text(String member) {
            return json.text(member).orElse("");
        }
    }

    /// Lets it go on for a while.
    void work(Duration time) throws IOException, InterruptedException {
        if (process.waitFor(time.toNanos(), TimeUnit.NANOSECONDS))
            throw new IOException("it died by itself: " + Files.readString(errors));
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /// SIGKILL, whatever it does.
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    @Override
    public void close() throws InterruptedException {
        kill();
    }
}
