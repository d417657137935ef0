package dev.guardrail.server.notify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import dev.guardrail.base.JsonObject;
import dev.guardrail.server.wiring.Served;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/// A whole guard with three channels on loopback: two webhooks, `ops` and `side`, and `mail`.
final class Told implements AutoCloseable {
    static final String RULES = """
            apiVersion: guardrail/v1
            kind: Policy
            metadata: {name: base, owner: platform}
            rules:
              - id: hold-pay
                match: {tools: [crm.pay]}
                effect: require_approval
                approval: {approvers: [ann], escalate: [{after: 30m, to: [root]}], notify: [ops, mail]}
              - {id: hold-mail, match: {tools: [crm.mail]}, effect: require_approval}
            ---
            apiVersion: guardrail/v1
            kind: Tools
            server: crm
            tools:
              pay: {effect: external, inputSchema: {type: object}}
              mail: {effect: external, inputSchema: {type: object}}
            """;
    static final String SECRET = "a-signing-secret-of-some-length";

    final Receiver ops = new Receiver();
    final Receiver side = new Receiver();
    final MailServer mail = MailServer.plain();
    final Served served;

    Told(Path directory, String rules) throws Exception {
        Served.write(directory.resolve("hook.secret"), SECRET + "\n");
        Served.write(
                directory.resolve("guardrail.yaml"),
                Served.CONFIGURATION.replace("name: root, ", "name: root, groups: [all], ")
                        + """
                        approvals:
                          notify:
                            ops: {webhook: "%s", secret: {file: ./hook.secret}}
                            side: {webhook: "%s", secret: {file: ./hook.secret}}
                            mail: {smtp: "smtp://127.0.0.1:%d", from: guard@ops.example, to: [ann@ops.example]}
                        """.formatted(ops.url("/ops"), side.url("/side"), mail.port()));
        Files.createDirectories(directory.resolve("policies"));
        Served.write(directory.resolve("policies/rules.yaml"), rules);
        served = Served.in(directory);
    }

    /// A call that people must agree to.
    record Held(String call, String approval, String digest) {
        String vote() {
            return "{\"argumentsDigest\":\"" + digest + "\"}";
        }
    }

    Held hold(String key, String tool, JsonObject arguments, String reason) {
        var answer = served.post(
                key,
                "/v1/calls",
                JsonObject.with("tool", tool)
                        .with("arguments", arguments)
                        .with("reason", reason)
                        .build()
                        .toString());
        assertEquals(202, answer.status(), answer::text);
        String approval =
                answer.json().object("approval").orElseThrow().text("id").orElseThrow();
        return new Held(
                answer.text("callId"),
                approval,
                served.get(Served.ANN, "/v1/approvals/" + approval).text("argumentsDigest"));
    }

    Held hold(String tool) {
        return hold(Served.CODER, tool, JsonObject.builder().with("amount", 7).build(), "");
    }

    /// Version of the policies in force.
    String version() {
        return served.propose(Served.CODER, "crm.none", "{}").text("policyVersion");
    }

    /// The first event whose id begins so, awaited.
    static JsonObject event(Receiver receiver, String id) {
        await(() -> events(receiver, id).size() > 0, () -> "no notice " + id);
        return events(receiver, id).getFirst();
    }

    static List<JsonObject> events(Receiver receiver, String id) {
        return receiver.taken().stream()
                .map(Receiver.Taken::json)
                .filter(event -> event.text("id").orElseThrow().startsWith(id))
                .toList();
    }

    MailServer.Mail letter(String id) {
        await(() -> letters(id).size() > 0, () -> "no mail " + id);
        return letters(id).getFirst();
    }

    List<MailServer.Mail> letters(String id) {
        return mail.mails().stream()
                .filter(letter -> letter.head().contains(id))
                .toList();
    }

    static void await(BooleanSupplier holds, java.util.function.Supplier<String> otherwise) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!holds.getAsBoolean()) {
            if (System.nanoTime() > end) fail(otherwise.get());
            Thread.onSpinWait();
        }
    }

    @Override
    public void close() throws IOException {
        try (ops;
                side;
                mail) {
            served.close();
        }
    }
}
