package dev.guardrail.server.wiring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.guardrail.base.JsonObject;
import dev.guardrail.pack.Diagnostic;
import dev.guardrail.server.identity.Origin;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/// What is said of a configuration that nothing runs on, word for word, at its position.
class ConfigurationGolden {
    @TempDir
    Path directory;

    private static String resource(String name) throws IOException {
        try (InputStream stream = ConfigurationGolden.class.getResourceAsStream("/configuration/" + name)) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private Path file(String text) throws IOException {
        Path file = directory.resolve("guardrail.yaml");
        Served.write(file, text);
        return file;
    }

    private static Secrets secrets() {
        Map<String, String> environment = Served.environment();
        environment.put("SHORT", "grd_tooshort");
        environment.put("SLACK", "https://hooks.slack.example/services/T0/B0/XYZ");
        environment.put("NO_BASE64", "whsec_this-is-no-base64-at-all");
        return new Secrets(environment::get);
    }

    private String findings(Path file) {
        var refused = assertThrows(InvalidConfiguration.class, () -> ConfigurationReader.read(file, secrets()));
        return refused.findings().stream()
                .map(Diagnostic::render)
                .map(text -> text.lines().findFirst().orElse(""))
                .map(text -> text.replace(directory.toString(), "DIR"))
                .collect(Collectors.joining("\n", "", "\n"));
    }

    @TestFactory
    Stream<DynamicTest> every_fault_is_told_at_its_position() {
        return Stream.of(
                        "everything",
                        "twice",
                        "two-documents",
                        "empty",
                        "list",
                        "socket-and-listen",
                        "address",
                        "oauth",
                        "sign-in",
                        "sign-in-short",
                        "identity",
                        "channels",
                        "kept",
                        "compensators",
                        "broken")
                .map(name -> dynamicTest(
                        name, () -> assertEquals(resource(name + ".txt"), findings(file(resource(name + ".yaml"))))));
    }

    @Test
    void a_secret_where_none_belongs_is_not_shown_again() throws IOException {
        Path file = file(resource("everything.yaml"));
        var refused = assertThrows(InvalidConfiguration.class, () -> ConfigurationReader.read(file, secrets()));
        String shown = refused.findings().stream().map(Diagnostic::render).collect(Collectors.joining("\n"));

        assertTrue(shown.contains("datta: ./data"), "other lines are shown");
        assertTrue(!shown.contains("grd_0123456789") && !shown.contains("me:secret"), shown);
    }

    @Test
    void nor_is_a_channels() throws IOException {
        Path file = file(resource("channels.yaml"));
        var refused = assertThrows(InvalidConfiguration.class, () -> ConfigurationReader.read(file, secrets()));
        String shown = refused.findings().stream().map(Diagnostic::render).collect(Collectors.joining("\n"));

        assertTrue(shown.contains("webhok: "), "other lines are shown");
        for (String secret :
                new String[] {"MfKQ9r8", "me:secret", "guard:secret", "T0/B0", "hunter2", "tk_0123", "no-base64"})
            assertTrue(!shown.contains(secret), shown);
    }

    @Test
    void every_form_of_a_channel_is_read_and_shows_no_secret() throws Exception {
        var read = ConfigurationReader.read(file("""
                        approvals:
                          notify:
                            ops: {webhook: "https://hooks.example/PATH", secret: {env: OTHER}, fallback: mail}
                            phones: {ntfy: "http://127.0.0.1:2586", topic: TOPIC, token: {env: CODER}, timeout: 3s}
                            open: {ntfy: "https://ntfy.example/", topic: TOPIC}
                            chat: {slack: {env: SLACK}}
                            mail: {smtp: "smtp://mail.example", from: "Guard <guard@ops.example>", to: ["ann@ops.example"], user: guard, password: {env: APP}}
                            local: {smtp: "smtp://localhost:2525", from: "guard@ops.example", to: ["ann@ops.example"]}
                            strict: {smtp: "smtp://127.0.0.1:2525", from: "guard@ops.example", to: ["ann@ops.example"], startTls: required}
                            old: {smtp: "smtp://mail.example:25", from: "guard@ops.example", to: ["ann@ops.example"], startTls: never}
                            sealed: {smtp: "smtps://mail.example", from: "guard@ops.example", to: ["ann@ops.example"]}
                        """), secrets());

        var channels = read.channels();
        assertEquals(
                "[ops, phones, open, chat, mail, local, strict, old, sealed]",
                channels.keySet().toString());
        assertEquals(Optional.of("mail"), channels.get("ops").fallback());
        assertEquals(10, channels.get("ops").timeout().toSeconds());
        assertEquals(3, channels.get("phones").timeout().toSeconds());
        assertEquals("mail.example:587 STARTTLS", server(read, "mail"));
        assertEquals("localhost:2525 NONE", server(read, "local"));
        assertEquals("127.0.0.1:2525 STARTTLS", server(read, "strict"));
        assertEquals("mail.example:25 NONE", server(read, "old"));
        assertEquals("mail.example:465 TLS", server(read, "sealed"));
        for (String secret : new String[] {"PATH", "TOPIC", "T0/B0", Served.OTHER, Served.CODER, Served.APP})
            assertTrue(!read.toString().contains(secret), read::toString);
    }

    private static String server(Configuration read, String channel) {
        var smtp = (Configuration.Medium.Smtp) read.channels().get(channel).medium();
        return smtp.server().host() + ":" + smtp.server().port() + " "
                + smtp.server().security();
    }

    @Test
    void what_undo_keeps_is_read_and_shows_no_secret() throws Exception {
        var read = ConfigurationReader.read(file("""
                        servers:
                          file: {builtin: sql, url: "jdbc:sqlite:shop.db", tables: [orders, "order lines"]}
                          shop: {builtin: sql, url: "jdbc:postgresql://db.example:5433/shop?sslmode=verify-full", user: guard, credential: {env: APP}, tables: [sales.orders]}
                          open: {builtin: sql, url: "jdbc:postgresql://[::1]/shop", tables: [orders]}
                          crm: {builtin: http, url: "https://crm.example/api/", credential: {env: APP}}
                          any: {builtin: command, command: [/bin/sh, -c, "exit 1"]}
                          settings: {builtin: command, command: [/bin/sh, /srv/settings.sh], env: {TOKEN: {env: APP}}, target: {type: object, properties: {key: {type: string}}}}
                        """), secrets());

        var file = new Configuration.Store.Sqlite(directory.resolve("shop.db"));
        assertEquals(
                new Configuration.Server.Rows(file, List.of("orders", "order lines")),
                read.servers().get("file"));
        var shop = (Configuration.Server.Rows) read.servers().get("shop");
        assertEquals(Optional.of("guard"), ((Configuration.Store.Postgres) shop.store()).user());
        assertEquals(List.of("sales.orders"), shop.tables());
        assertEquals(
                new Configuration.Server.Resources(
                        URI.create("https://crm.example/api/"),
                        Optional.of(new Configuration.Credential.Fixed(new Configuration.Secret.Environment("APP")))),
                read.servers().get("crm"));
        assertEquals(
                new Configuration.Server.Command(
                        List.of("/bin/sh", "-c", "exit 1"),
                        Map.of(),
                        JsonObject.with("type", "object").build()),
                read.servers().get("any"));
        var settings = (Configuration.Server.Command) read.servers().get("settings");
        assertEquals(Map.of("TOKEN", Served.APP), settings.environment());
        assertTrue(settings.target().object("properties").orElseThrow().has("key"));
        assertTrue(!read.toString().contains(Served.APP), read::toString);
    }

    @Test
    void a_program_that_others_can_write_or_that_tools_reach_is_refused() throws IOException, InvalidConfiguration {
        Path inner = Files.createDirectories(directory.resolve("own"));
        Files.setPosixFilePermissions(inner, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path script = inner.resolve("settings.sh");
        Served.write(script, "exit 1");
        String text =
                "servers:\n  s: {builtin: command, command: [/bin/sh, %s, %s]}\n  w: {builtin: workspace, root: ./%s}\n";
        Path file = file(text.formatted(script, directory, "work"));
        assertEquals(2, ConfigurationReader.read(file, secrets()).servers().size());

        assertTrue(findings(file(text.formatted(script, "x", "own")))
                .contains("the program `DIR/own/settings.sh` lies in `DIR/own`, where tools reach it"));
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rw-rw-r--"));
        assertTrue(findings(file(text.formatted(script, "x", "work")))
                .contains("`DIR/own/settings.sh` can be written by others"));
    }

    @Test
    void whatever_an_argument_could_name_is_trusted_or_refused() throws IOException, InvalidConfiguration {
        Path open = Files.createDirectories(directory.resolve("open"));
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwxrwx"));
        Path loose = open.resolve("loose.sh");
        Served.write(loose, "exit 1");
        Files.setPosixFilePermissions(loose, PosixFilePermissions.fromString("rw-rw-rw-"));
        Path own = Files.createDirectories(directory.resolve("own"));
        Files.setPosixFilePermissions(own, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path sound = own.resolve("sound.sh");
        Served.write(sound, "exit 1");
        Path work = Files.createDirectories(directory.resolve("work"));
        Files.setPosixFilePermissions(work, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path inner = work.resolve("inner.sh");
        Served.write(inner, "exit 1");
        Path here = Path.of("").toAbsolutePath().relativize(loose.toAbsolutePath());
        Path fromRoot = Path.of("/").relativize(loose);
        Path besides = Path.of("/").relativize(open.resolve("none.sh"));

        for (String form : new String[] {
            "%s", "--file=%s", "a=b=%s", "-I%s", "@%s", "-J@%s", "-cp:" + sound + ":%s", "%s.absent", "--file=%s.absent"
        }) {
            assertTrue(findings(told(form.formatted(loose))).contains("[untrusted-file]"), form);
            assertTrue(findings(told(form.formatted(inner))).contains("where tools reach it"), form);
            assertAccepted(form.formatted(sound));
        }
        for (Path relative : new Path[] {here, fromRoot, Path.of("pom.xml"), Path.of("./pom.xml")})
            for (String form : new String[] {"%s", "--file=%s", "@%s"})
                assertTrue(findings(told(form.formatted(relative))).contains("[wrong-path]"), form + relative);
        for (String untrusted : new String[] {open.toString(), "" + besides, "--dir=" + open, "/dev/null"})
            assertTrue(findings(told(untrusted)).contains("[untrusted-file]"), untrusted);
        assertTrue(findings(told("" + work)).contains("what the program is told `DIR/work` lies in `DIR/work`"));
        for (String fine : new String[] {
            "-c", "exit 1", "look", "--verbose", "", "=", ":", "/", "https://crm.example/api", own.toString(), "own.sh"
        }) assertAccepted(fine);
    }

    private void assertAccepted(String argument) throws IOException, InvalidConfiguration {
        assertEquals(
                2, ConfigurationReader.read(told(argument), secrets()).servers().size(), argument);
    }

    /// A program with one argument, beside tools that work in `work`.
    private Path told(String argument) throws IOException {
        return file(
                "servers:\n  s: {builtin: command, command: [/bin/sh, \"%s\"]}\n  w: {builtin: workspace, root: ./work}\n"
                        .formatted(argument));
    }

    @Test
    void a_file_that_others_can_write_is_refused_with_the_mend() throws IOException {
        for (String mode : new String[] {"rw-rw-r--", "rw-r--rw-"}) {
            Path file = file("listen: 127.0.0.1:7457\n");
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
            assertTrue(findings(file).contains("chmod go-w "), mode);
        }
        assertTrue(findings(directory.resolve("nowhere.yaml")).contains("there is no `DIR/nowhere.yaml`"));
    }

    @Test
    void policies_that_others_can_write_are_refused_down_to_the_last_file() throws Exception {
        Path policies = Files.createDirectories(directory.resolve("policies/deep"));
        Files.setPosixFilePermissions(policies.getParent(), PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.setPosixFilePermissions(policies, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path rules = policies.resolve("rules.yaml");
        Served.write(rules, Served.RULES);
        Path file = file("policies: [./policies]\n");
        assertEquals(1, ConfigurationReader.read(file, secrets()).policies().size());

        Files.setPosixFilePermissions(rules, PosixFilePermissions.fromString("rw-rw-r--"));
        assertTrue(findings(file).contains("`DIR/policies/deep/rules.yaml` can be written by others"));
        Files.setPosixFilePermissions(rules, PosixFilePermissions.fromString("rw-r--r--"));
        Files.setPosixFilePermissions(policies, PosixFilePermissions.fromString("rwxrwxrwx"));
        assertTrue(findings(file).contains("`DIR/policies/deep` can be written by others"));
    }

    @Test
    void a_root_that_holds_the_guards_own_files_is_refused() throws Exception {
        Files.createDirectories(directory.resolve("work"));
        Files.createSymbolicLink(directory.resolve("alias"), directory.resolve("work"));
        Files.createSymbolicLink(directory.resolve("up"), directory);
        String beside = "data: ./%s/data\nservers:\n  w: {builtin: workspace, root: ./%s}\n";

        assertEquals(
                1,
                ConfigurationReader.read(file(beside.formatted("beside", "work")), secrets())
                        .servers()
                        .size(),
                "a workspace beside the data");
        assertEquals(
                1,
                ConfigurationReader.read(file(beside.formatted("workdata", "work")), secrets())
                        .servers()
                        .size(),
                "names are compared whole");

        assertTrue(findings(file(beside.formatted("work", "work"))).contains("the data directory `DIR/work/data`"));
        assertTrue(findings(file(beside.formatted("alias", "work"))).contains("the data directory `DIR/alias/data`"));
        assertTrue(findings(file(beside.formatted("d", "up"))).contains("the configuration `DIR/guardrail.yaml`"));
    }

    @Test
    void policies_and_keys_in_the_root_of_a_server_are_refused() throws Exception {
        Path inner = Files.createDirectories(directory.resolve("work/inner"));
        Files.setPosixFilePermissions(inner, PosixFilePermissions.fromString("rwx------"));
        Served.write(inner.resolve("rules.yaml"), Served.RULES);
        Served.write(inner.resolve("ann.key"), Served.ANN + "\n");
        Served.write(inner.resolve("log.key"), "key");
        String text = """
                signingKey: {file: ./work/inner/log.key}
                policies: [./work/inner]
                servers:
                  files: {command: [cat], root: ./%s}
                operators:
                  - {name: ann, key: {file: ./work/inner/ann.key}, roles: [admin]}
                """;
        assertEquals(
                1,
                ConfigurationReader.read(file(text.formatted("other")), secrets())
                        .servers()
                        .size());

        String told = findings(file(text.formatted("work")));
        for (String what : new String[] {"the policies `", "the secret `", "the file of `signingKey` `"})
            assertTrue(told.contains(what + "DIR/work/inner"), told);
    }

    @Test
    void a_key_that_no_header_carries_is_refused_and_not_shown() throws Exception {
        Path key = directory.resolve("ann.key");
        String text = """
                servers:
                  crm: {url: "https://crm.example/mcp", credential: {file: ./ann.key}}
                operators:
                  - {name: ann, key: {file: ./ann.key}, roles: [admin]}
                """;
        Served.write(key, Served.ANN + "\n");
        assertEquals(
                1, ConfigurationReader.read(file(text), secrets()).principals().size());

        for (String inner : new String[] {" ", "\n", "\u0007", "\u007f", "\u00e9"}) {
            Served.write(key, Served.ANN + inner + "rest\n");
            String told = findings(file(text));
            assertEquals(
                    2,
                    told.lines()
                            .filter(line -> line.contains("[wrong-key]") || line.contains("holds a space"))
                            .count(),
                    told);
            assertTrue(!told.contains(Served.ANN) && !told.contains("rest"), told);
        }
    }

    @Test
    void a_file_that_others_can_replace_or_own_is_refused() throws Exception {
        Path file = file("listen: 127.0.0.1:7457\n");
        for (int mode : new int[] {0755, 01777}) {
            Files.setAttribute(directory, "unix:mode", mode);
            assertEquals(
                    7457, ConfigurationReader.read(file, secrets()).listen().port());
        }
        Files.setAttribute(directory, "unix:mode", 0777);
        assertTrue(findings(file).contains("`DIR` can be written by others"));

        Files.setAttribute(directory, "unix:mode", 0755);
        assumeTrue("root".equals(System.getProperty("user.name")), "giving a file away takes root");
        Files.setAttribute(file, "unix:uid", 12_345);
        assertTrue(findings(file).contains("belongs to somebody else"));
    }

    @Test
    void everything_that_may_stand_in_it_is_read() throws Exception {
        Served.write(directory.resolve("ann.key"), Served.ANN + "\n");
        var read = ConfigurationReader.read(file("""
                        listen: "[::1]:0"
                        data: ./d
                        servers:
                          files: {command: [npx, "@x/y", /w], root: /w, env: {TOKEN: {env: CODER}, PLAIN: text}}
                          crm: {url: "https://crm.example/mcp", credential: {env: OTHER}}
                          workspace: {builtin: workspace, root: ./w}
                          banking: {caller: true}
                          shop:
                            url: "https://shop.example/mcp"
                            credential:
                              clientCredentials:
                                tokenUrl: "https://id.example/token"
                                clientId: guard
                                secret: {env: OTHER}
                                scope: "shop.read shop.write"
                                resource: "https://shop.example/mcp"
                          mail:
                            url: "https://mail.example/mcp"
                            credential:
                              exchange: {tokenUrl: "https://id.example/token", clientId: guard, secret: {env: OTHER}, audience: mail}
                        agents:
                          - {name: coder, key: [{env: CODER}, {env: OTHER}], roles: [developer]}
                          - {name: signed, client: signed-client}
                        hosts:
                          - {name: app, key: {env: APP}, agents: [bot, coder]}
                        operators:
                          - {name: ann, key: {file: ./ann.key}, roles: [approver], groups: [payments]}
                          - {name: sam, key: {hash: "sha256:%s"}, roles: [auditor, admin]}
                        origins: ["https://guardrail.example"]
                        limits: {message: 1MiB, arguments: 64KiB, result: 2MB}
                        approvals: {hold: 5s, pending: 7}
                        identity:
                          oauth:
                            issuer: "https://id.example/tenant"
                            audience: "api://guard"
                            resource: "https://guardrail.example"
                            keyOrigins: ["https://keys.example"]
                        """.formatted("0".repeat(64))), secrets());

        assertEquals(Optional.of(directory.resolve("guardrail.yaml")), read.origin());
        assertEquals("::1", read.listen().host());
        assertEquals(directory.resolve("d"), read.data());
        assertEquals(new Configuration.Limits(1 << 20, 64 << 10, 2_000_000), read.limits());
        assertEquals(5, read.hold().toSeconds());
        assertEquals(7, read.pending());
        assertEquals(
                "[files, crm, workspace, banking, shop, mail]",
                read.servers().keySet().toString());
        assertEquals(2, read.principals().getFirst().keys().size());
        assertEquals(Secrets.digest(Served.ANN), read.principals().get(3).keys().getFirst());
        assertEquals(Optional.of("signed-client"), read.principals().get(1).client());
        assertEquals(
                Optional.of(new Configuration.OAuth(
                        "https://id.example/tenant",
                        "api://guard",
                        "https://guardrail.example",
                        Set.of(new Origin("https", "keys.example", 443)))),
                read.oauth());
        var client = new Configuration.Credential.Client(
                URI.create("https://id.example/token"), "guard", new Configuration.Secret.Environment("OTHER"));
        assertEquals(
                new Configuration.Credential.ClientCredentials(
                        client,
                        new Configuration.Credential.Target(
                                Optional.of("shop.read shop.write"),
                                Optional.of("https://shop.example/mcp"),
                                Optional.empty())),
                credential(read, "shop"));
        assertEquals(
                new Configuration.Credential.Exchange(
                        client,
                        new Configuration.Credential.Target(Optional.empty(), Optional.empty(), Optional.of("mail"))),
                credential(read, "mail"));
        assertTrue(read.toString().contains("Stdio[npx, @x/y, /w]")
                && !read.toString().contains(Served.CODER));
    }

    @Test
    void the_guides_identity_provider_is_read() throws Exception {
        String guide = Files.readString(Path.of("../docs/guide/console.md"));
        String block = guide.substring(guide.indexOf("identity:\n  signIn:"));
        var read = ConfigurationReader.read(
                file("origins: [\"https://guardrail.example\"]\n"
                        + block.substring(0, block.indexOf("```"))
                                .replace("{file: ./keys/sign-in-secret}", "{env: OTHER}")
                                .replace("{file: ./keys/ann}", "{env: ANN}")),
                secrets());

        assertEquals(
                Optional.of(new Configuration.SignIn(
                        URI.create("https://id.example"),
                        "guardrail-console",
                        Optional.of(new Configuration.Secret.Environment("OTHER")),
                        "https://guardrail.example",
                        "preferred_username",
                        "groups",
                        List.of("profile", "groups"),
                        Map.of(
                                "guard-approvers",
                                Set.of("approver"),
                                "security",
                                Set.of("auditor"),
                                "guard-admins",
                                Set.of("admin")),
                        Duration.ofHours(8),
                        Set.of())),
                read.signIn());
        assertEquals(Optional.of("00u7k2"), read.principals().getFirst().subject());
    }

    private static Configuration.Credential credential(Configuration read, String server) {
        return ((Configuration.Server.Http) read.servers().get(server))
                .credential()
                .orElseThrow();
    }
}
