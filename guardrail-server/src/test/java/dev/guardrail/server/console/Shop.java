package dev.guardrail.server.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonWriter;
import dev.guardrail.server.wiring.Clocks;
import dev.guardrail.server.wiring.Served;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// A guard whose rules hold calls in every way that the console shows, and an agent by script that makes them. Ann and
/// bob approve, bob is an auditor besides, kim is called in, and root is an admin.
final class Shop implements AutoCloseable {
    static final String ANN = Served.ANN;
    static final String BOB = Served.SAM;
    static final String KIM = Served.APP;
    static final String ROOT = Served.ROOT;

    private static final String RULES = """
            apiVersion: guardrail/v1
            kind: Policy
            metadata: {name: shop, owner: platform}
            rules:
              - {id: allow-reads, match: {tools: [crm.get]}, effect: allow}
              - id: hold-notes
                match: {tools: [crm.note]}
                effect: require_approval
                risk: medium
                approval: {approvers: [role:approver], expiresAfter: 4h, remember: {max: 24h}}
              - id: hold-refunds
                match: {tools: [crm.refund]}
                when: args.amount > 50
                effect: require_approval
                risk: high
                approval: {approvers: [group:payments], confirm: args.amount, escalate: [{after: 10m, to: [group:leads]}]}
              - id: deny-fortunes
                match: {tools: [crm.refund]}
                when: args.amount > 100000
                effect: deny
                message: Nobody refunds a fortune.
              - id: hold-wipes
                match: {tools: [crm.wipe]}
                effect: require_approval
                risk: critical
                approval: {approvers: [group:payments], required: 2}
              - {id: deny-drop, match: {tools: [crm.drop]}, effect: deny, message: Nothing is dropped.}
            ---
            apiVersion: guardrail/v1
            kind: Tools
            server: crm
            tools:
              get: {effect: read, inputSchema: {type: object}}
              note: {effect: write, inputSchema: {type: object}}
              refund: {effect: external, inputSchema: {type: object}}
              wipe: {effect: destructive, inputSchema: {type: object}}
              drop: {effect: destructive, inputSchema: {type: object}}
            """;

    private static final String CONFIGURATION = """
            listen: 127.0.0.1:0
            data: ./data
            policies: [./policies]
            servers:
              crm: {caller: true}
            agents:
              - {name: coder, key: {env: CODER}}
              - {name: other, key: {env: OTHER}}
            operators:
              - {name: ann, key: {env: ANN}, roles: [approver], groups: [payments]}
              - {name: bob, key: {env: SAM}, roles: [approver, auditor], groups: [payments]}
              - {name: kim, key: {env: APP}, roles: [approver], groups: [leads]}
              - {name: root, key: {env: ROOT}, roles: [admin]}
            """;

    final Served served;
    final String url;

    Shop(Path directory) throws Exception {
        this(directory, Clocks.system());
    }

    /// The same by other clocks.
    Shop(Path directory, Clocks clocks) throws Exception {
        Files.createDirectory(directory.resolve("policies"));
        Served.write(directory.resolve("policies/rules.yaml"), RULES);
        Served.write(directory.resolve("guardrail.yaml"), CONFIGURATION);
        served = Served.in(directory, clocks);
        url = served.sidecar.url().toString();
    }

    /// The agent proposes a call that is held.
    ///
    /// @return id of the approval
    String hold(String tool, JsonObject arguments, String reason) {
        var body = JsonObject.with("tool", tool).with("arguments", arguments).with("reason", reason);
        var answer = served.post(
                Served.CODER, "/v1/calls", new String(JsonWriter.bytes(body.build()), StandardCharsets.UTF_8));
        assertEquals(202, answer.status(), answer.text());
        return answer.json().object("approval").orElseThrow().text("id").orElseThrow();
    }

    String note(String text) {
        return hold("crm.note", JsonObject.with("text", text).build(), "");
    }

    String refund(int amount) {
        return hold(
                "crm.refund",
                JsonObject.builder()
                        .with("amount", amount)
                        .with("currency", "eur")
                        .build(),
                "The customer asked for it.");
    }

    /// Puts more rules into force beside the shop's own.
    void also(String documents) throws Exception {
        Served.write(served.directory.resolve("policies/more.yaml"), documents);
        served.reload();
    }

    /// Somebody approves as the interface lets them, with more members in the vote.
    Served.Answer approve(String key, String id, String more) {
        String digest = approval(id).text("argumentsDigest").orElseThrow();
        return served.post(
                key, "/v1/approvals/" + id + "/approve", "{\"argumentsDigest\":\"" + digest + "\"" + more + "}");
    }

    Served.Answer deny(String key, String id, String reason) {
        return served.post(
                key,
                "/v1/approvals/" + id + "/deny",
                JsonObject.with("reason", reason).build().toString());
    }

    /// The approval as the interface shows it.
    JsonObject approval(String id) {
        return served.get(ANN, "/v1/approvals/" + id).json();
    }

    String state(String id) {
        return approval(id).text("state").orElseThrow();
    }

    /// Returns once the call that people decided on was decided again, as the agent waits for that.
    void awaitDecision(String id) {
        String call = approval(id).text("callId").orElseThrow();
        String state = served.get(Served.CODER, "/v1/calls/" + call + "?wait=20s")
                .json()
                .text("state")
                .orElseThrow();
        assertNotEquals("held", state);
    }

    /// The agent wants it no more: no agent has more than a hundred calls waiting.
    void giveUp(String id) {
        String call = approval(id).text("callId").orElseThrow();
        assertEquals(
                200,
                served.post(Served.CODER, "/v1/calls/" + call + "/cancel", "").status());
    }

    /// True once people agreed, whether the call has begun by now or not.
    boolean agreed(String id) {
        String state = state(id);
        return state.equals("approved") || state.equals("used");
    }

    String page(String id) {
        return url + "/console/approvals/" + id;
    }

    @Override
    public void close() throws Exception {
        served.close();
    }
}
