package dev.guardrail.server.eras;

import dev.guardrail.server.wiring.Served;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/// A whole guard in front of a played server, named `shop`.
final class Stage implements AutoCloseable {
    /// Permits every tool, and every request that is none.
    static final String EVERYTHING = """
            apiVersion: guardrail/v1
            kind: Policy
            metadata: {name: everything}
            rules:
              - {id: tools, match: {tools: ["shop.*"]}, effect: allow}
              - {id: requests, match: {tools: ["shop.mcp:*"]}, effect: allow}
            """;

    final PlayedServer server;
    final Served guard;

    Stage(Path directory, PlayedServer server, String rules) throws Exception {
        this(directory, server, rules, "1s");
    }

    /// @param hold how long a client waits for people
    Stage(Path directory, PlayedServer server, String rules, String hold) throws Exception {
        this.server = server;
        guard = serve(directory, "{url: \"" + server.url() + "\"}", rules, hold);
    }

    /// A whole guard in front of one server, once it knows the server's tools.
    ///
    /// @param server as the configuration names it
    static Served serve(Path directory, String server, String rules) throws Exception {
        return serve(directory, server, rules, "1s");
    }

    private static Served serve(Path directory, String server, String rules, String hold) throws Exception {
        Files.createDirectories(directory.resolve("policies"));
        Served.write(directory.resolve("policies/rules.yaml"), rules);
        Served.write(directory.resolve("guardrail.yaml"), """
                listen: 127.0.0.1:0
                data: ./data
                policies: [./policies]
                servers:
                  shop: %s
                agents:
                  - {name: coder, key: {env: CODER}}
                  - {name: other, key: {env: OTHER}}
                operators:
                  - {name: ann, key: {env: ANN}, roles: [approver]}
                  - {name: sam, key: {env: SAM}, roles: [auditor]}
                  - {name: root, key: {env: ROOT}, roles: [admin]}
                approvals: {hold: %s}
                """.formatted(server, hold));
        var guard = Served.in(directory);
        PlayedServer.await(() -> guard.get(Served.ROOT, "/v1/tools").text().contains("\"shop."));
        return guard;
    }

    Client legacy() {
        return Client.legacy(guard, Served.CODER, "shop");
    }

    Client modern() {
        return Client.modern(guard, Served.CODER, "shop");
    }

    /// How many decisions of this effect on this tool the journal holds.
    long decided(String tool, String effect) {
        return journal()
                .filter(entry -> is(entry, "kind", "decided") && is(entry, "tool", tool))
                .filter(entry -> entry.contains("\"effect\":\"" + effect + "\""))
                .count();
    }

    /// How many entries of this kind it holds.
    long entries(String kind) {
        return journal().filter(entry -> is(entry, "kind", kind)).count();
    }

    private Stream<String> journal() {
        return guard.get(Served.SAM, "/v1/audit/export?format=jsonl").text().lines();
    }

    private static boolean is(String entry, String member, String value) {
        return entry.contains("\"" + member + "\":\"" + value + "\"");
    }

    @Override
    public void close() throws IOException {
        guard.close();
        server.close();
    }
}
