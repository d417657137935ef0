package dev.guardrail.server.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.JsonObject;
import dev.guardrail.server.refusal.RecordingUpstream;
import dev.guardrail.server.wiring.Served;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;
import picocli.CommandLine;

/// Standing grants through a whole guard, by HTTP, MCP and the commands, before a server that counts what reaches it.
/// The policy is the one that `docs/guide/grants.md` shows.
@ResourceLock(Resources.SYSTEM_OUT)
class GrantsGuideSpec {
    private static final Pattern POLICY = Pattern.compile("```yaml\n(apiVersion:.*?)```", Pattern.DOTALL);
    private static final String SUM = "{\"for\":\"8h\",\"sum\":{\"argument\":\"amount\",\"max\":1000}}";

    @TempDir
    Path directory;

    private final PrintStream terminal = System.out;
    private RecordingUpstream bank;
    private Served served;

    @BeforeEach
    void serve() throws Exception {
        bank = new RecordingUpstream(false);
        var policy = POLICY.matcher(Files.readString(Path.of("..", "docs", "guide", "grants.md")));
        assertTrue(policy.find(), "the guide shows a policy");
        Path home = Files.createDirectory(directory.resolve("guard"));
        Files.createDirectory(home.resolve("policies"));
        Served.write(home.resolve("policies/rules.yaml"), policy.group(1));
        Served.write(home.resolve("guardrail.yaml"), """
                listen: 127.0.0.1:0
                data: ./data
                policies: [./policies]
                servers:
                  bank: {url: "%s"}
                agents:
                  - {name: coder, key: {env: CODER}}
                  - {name: other, key: {env: OTHER}}
                operators:
                  - {name: ann, key: {env: ANN}, roles: [approver]}
                  - {name: sam, key: {env: SAM}, roles: [auditor]}
                  - {name: root, key: {env: ROOT}, roles: [admin]}
                """.formatted(bank.url()));
        served = Served.in(home);
        Files.writeString(directory.resolve("ann"), Served.ANN + "\n");
        while (!served.get(Served.SAM, "/v1/tools").text().contains("bank.pay")) Thread.onSpinWait();
    }

    @AfterEach
    void stop() throws IOException {
        System.setOut(terminal);
        served.close();
        bank.close();
    }

    private Served.Answer pay(String key, String arguments) {
        return served.post(
                key, "/v1/calls", "{\"tool\":\"bank.pay\",\"arguments\":" + arguments + ",\"run\":\"guard\"}");
    }

    private Served.Answer pay(int amount) {
        return pay(Served.CODER, "{\"amount\":" + amount + "}");
    }

    private static String approval(Served.Answer held) {
        assertEquals("held", held.text("state"), held.text());
        return held.json().object("approval").orElseThrow().text("id").orElseThrow();
    }

    private Served.Answer approve(Served.Answer held, String scope) {
        return served.post(
                Served.ANN,
                "/v1/approvals/" + approval(held) + "/approve",
                "{\"argumentsDigest\":\"" + held.text("argumentsDigest") + "\",\"scope\":" + scope + "}");
    }

    /// Pays 100, remembered as far as `scope` says.
    private String granted(String scope) {
        var held = pay(100);
        var vote = approve(held, scope);
        assertEquals("approved", vote.text("state"), vote.text());
        assertEquals("succeeded", pay(100).text("state"));
        return vote.text("grant");
    }

    private String state(int amount) {
        return pay(amount).text("state");
    }

    @Test
    void what_is_within_the_caps_reaches_the_server_and_nothing_else_does() {
        String grant = granted(SUM);
        assertEquals("succeeded", state(400));
        assertEquals("held", state(501));
        assertEquals("succeeded", state(500));
        assertEquals("held", state(1));
        assertEquals("held", pay(Served.OTHER, "{\"amount\":0}").text("state"), "another agent");
        assertEquals(
                "denied", pay(Served.CODER, "{\"amount\":0,\"country\":\"XX\"}").text("state"));
        assertEquals("succeeded", state(0));
        assertEquals(4, bank.calls("pay"));

        var shown = served.get(Served.SAM, "/v1/grants/" + grant);
        assertEquals("1000", shown.get("spent").toString(), shown.text());
        assertEquals("4", shown.get("used").toString());
        assertEquals("active", shown.text("state"));
        assertEquals("{\"amount\":100}", shown.get("arguments").toString());
        assertEquals(
                List.of("ann"), shown.json().array("approvers").orElseThrow().texts());
    }

    private String connected(String server) {
        var welcome = mcp(server, "initialize", "{\"protocolVersion\":\"2025-11-25\",\"capabilities\":{}}", "");
        return welcome.headers().get("mcp-session-id");
    }

    private Served.Answer plan(String calls) {
        return served.post(
                Served.CODER,
                "/v1/calls",
                "{\"tool\":\"guardrail.plan\",\"arguments\":{\"calls\":" + calls + "},\"run\":\"guard\"}");
    }

    @Test
    void a_plan_is_approved_as_a_whole_and_taken_back_as_a_whole() {
        String calls = "[{\"tool\":\"bank.pay\",\"arguments\":{\"amount\":250,\"to\":\"printer\"}},"
                + "{\"tool\":\"bank.pay\",\"arguments\":{\"amount\":10},\"times\":5,"
                + "\"sum\":{\"argument\":\"amount\",\"max\":60}}]";
        var held = plan(calls);
        String shown = run("approvals", "show", approval(held)).replaceAll("\\s+", " ");
        assertTrue(shown.contains("coder wants 2 calls approved at once: bank.pay (2 times)"), shown);
        assertTrue(shown.contains("1. bank.pay, with amount 250, to \"printer\""), shown);
        assertTrue(shown.contains("2. bank.pay, up to 5 times, with amount 10; all amount together at most 60"), shown);
        assertTrue(shown.contains("Risk: high"), "of the riskiest rule: " + shown);
        run("approvals", "approve", approval(held));
        var ran = plan(calls);
        assertEquals("succeeded", ran.text("state"), ran.text());
        assertTrue(ran.text().contains("1. bank.pay, once (grt_"), ran.text());
        assertEquals(0, bank.calls("pay"), "a plan runs none of its calls");

        var exact = "{\"amount\":250,\"to\":\"printer\"}";
        assertEquals("succeeded", pay(Served.CODER, exact).text("state"));
        assertEquals("held", pay(Served.CODER, exact).text("state"), "once");
        assertEquals("succeeded", state(50));
        assertEquals("held", state(11));
        assertEquals("succeeded", state(10));
        assertEquals(3, bank.calls("pay"));

        String listed = run("grants", "ls");
        assertTrue(listed.contains(ran.text("callId") + " call 2") && listed.contains("2 of 5"), listed);
        run("grants", "revoke", list("active").getFirst(), "--reason", "enough");
        assertEquals("held", state(0));
        assertEquals(List.of(), list("active"));
    }

    @Test
    void a_plan_with_a_call_that_would_be_denied_is_refused_and_says_which() {
        var refused = plan("[{\"tool\":\"bank.pay\",\"arguments\":{\"amount\":1}},"
                + "{\"tool\":\"bank.pay\",\"arguments\":{\"amount\":1,\"country\":\"XX\"}}]");
        assertEquals("denied", refused.text("state"), refused.text());
        assertTrue(refused.text("message").contains("Call 2 of the plan, bank.pay, would be denied"), refused.text());
        var unfit = plan("[{\"tool\":\"bank.pay\",\"arguments\":{\"amount\":1},\"often\":2}]");
        assertEquals("denied", unfit.text("state"), unfit.text());
        assertEquals(
                "held",
                plan("[{\"tool\":\"bank.pay\",\"arguments\":{\"amount\":1}}]").text("state"));
    }

    @Test
    void a_plan_over_mcp() {
        String own = connected("guardrail");
        String tools = mcp("guardrail", "tools/list", "{}", own).text();
        assertTrue(tools.contains("\"plan\""), tools);
        String call =
                "{\"name\":\"plan\",\"arguments\":{\"calls\":[{\"tool\":\"bank.pay\",\"arguments\":{\"amount\":7}}]}}";
        String held = mcp("guardrail", "tools/call", call, own).text();
        assertTrue(held.contains("PENDING_APPROVAL"), held);
        var waiting = served.get(Served.ANN, "/v1/approvals?state=pending")
                .json()
                .array("items")
                .orElseThrow()
                .objects()
                .getFirst();
        run("approvals", "approve", waiting.text("id").orElseThrow());
        String ran = mcp("guardrail", "tools/call", call, own).text();
        assertTrue(ran.contains("The plan is approved"), ran);
        String paid = mcp("bank", "tools/call", "{\"name\":\"pay\",\"arguments\":{\"amount\":7}}", connected("bank"))
                .text();
        assertTrue(paid.contains("done"), paid);
        assertEquals(1, bank.calls("pay"));
    }

    @Test
    void over_mcp_too() {
        granted(SUM);
        String session = connected("bank");
        String ran = mcp("bank", "tools/call", "{\"name\":\"pay\",\"arguments\":{\"amount\":300}}", session)
                .text();
        assertTrue(ran.contains("done"), ran);
        String held = mcp("bank", "tools/call", "{\"name\":\"pay\",\"arguments\":{\"amount\":601}}", session)
                .text();
        assertTrue(held.contains("PENDING_APPROVAL"), held);
        assertEquals(2, bank.calls("pay"));
    }

    private Served.Answer mcp(String server, String method, String params, String session) {
        Map<String, String> headers = new HashMap<>();
        headers.put("Accept", "application/json");
        if (!session.isEmpty()) {
            headers.put("Mcp-Session-Id", session);
            headers.put("MCP-Protocol-Version", "2025-11-25");
        }
        return served.send(
                Served.CODER,
                "POST",
                "/mcp/" + server,
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"" + method + "\",\"params\":" + params + "}",
                headers);
    }

    @Test
    void whoever_may_takes_it_back_and_whoever_may_not_does_not() {
        String grant = granted(SUM);
        for (String key : List.of(Served.CODER, Served.SAM))
            assertEquals(
                    403,
                    served.send(key, "DELETE", "/v1/grants/" + grant, "", Map.of())
                            .status());
        assertEquals("succeeded", state(1));
        var revoked = served.send(Served.ROOT, "DELETE", "/v1/grants/" + grant + "?reason=enough", "", Map.of());
        assertEquals("revoked", revoked.text("state"), revoked.text());
        var ended = revoked.json().object("ended").orElseThrow();
        assertEquals("root", ended.text("by").orElseThrow());
        assertEquals("enough", ended.text("reason").orElseThrow());
        assertEquals("held", state(2));
        assertEquals(2, bank.calls("pay"));
        assertEquals(
                404,
                served.send(Served.ROOT, "DELETE", "/v1/grants/grt_none", "", Map.of())
                        .status());
        assertEquals(List.of(), list("active"));
        assertEquals(List.of(grant), list("revoked"));
    }

    private List<String> list(String state) {
        return served
                .get(Served.ANN, "/v1/grants?state=" + state)
                .json()
                .array("items")
                .orElseThrow()
                .objects()
                .stream()
                .map(item -> item.text("id").orElseThrow())
                .toList();
    }

    @Test
    void what_may_not_be_remembered_is_refused_and_the_vote_does_not_count() {
        var held = pay(100);
        var refused = approve(held, "{\"for\":\"25h\"}");
        assertEquals(422, refused.status(), refused.text());
        assertEquals("scope-refused", refused.problem());
        assertTrue(
                refused.text("detail").contains("24h") || refused.text("detail").contains("1d"), refused.text());
        assertEquals(400, approve(held, "{\"for\":\"forever\"}").status());
        assertEquals(400, approve(held, "\"always\"").status());
        var after = served.get(Served.ANN, "/v1/approvals/" + approval(held));
        assertEquals("pending", after.text("state"));
        assertEquals("0", after.get("given").toString());
        assertEquals(
                "approved",
                served.post(
                                Served.ANN,
                                "/v1/approvals/" + approval(held) + "/approve",
                                "{\"argumentsDigest\":\"" + held.text("argumentsDigest") + "\"}")
                        .text("state"));
        assertEquals("succeeded", state(100));
        assertEquals("held", state(100), "without a scope it was for the one call");
    }

    @Test
    void a_stricter_policy_counts_at_once_and_a_reload_that_changes_nothing_changes_nothing() throws Exception {
        granted(SUM);
        Path rules = directory.resolve("guard/policies/rules.yaml");
        String before = Files.readString(rules);
        reload(rules, before.replace("24h", "12h"));
        assertEquals("held", state(1), "the rule says something else now");
        reload(rules, before + "\n");
        assertEquals("succeeded", state(2));
        reload(
                rules,
                before.replace("effect: require_approval", "effect: deny")
                        .replaceAll("(?s)    approval:.*?\n\n", "\n"));
        assertEquals("denied", state(3));
        assertEquals(2, bank.calls("pay"));
    }

    private void reload(Path rules, String text) throws Exception {
        var version = served.sidecar.assembly().policies().inForce();
        Served.write(rules, text);
        while (served.sidecar.assembly().policies().inForce() == version) Thread.onSpinWait();
    }

    @Test
    void it_is_there_after_a_restart() throws Exception {
        String grant = granted("{\"for\":\"8h\",\"calls\":2}");
        served.close();
        served = Served.in(directory.resolve("guard"));
        while (!served.get(Served.SAM, "/v1/tools").text().contains("bank.pay")) Thread.onSpinWait();
        assertEquals("succeeded", state(100));
        assertEquals("held", state(100));
        assertEquals("spent", served.get(Served.SAM, "/v1/grants/" + grant).text("state"));
    }

    @Test
    void the_commands_preview_remember_list_and_revoke() {
        var denied = pay(300);
        served.post(Served.ANN, "/v1/approvals/" + approval(denied) + "/deny", "{\"reason\":\"no\"}");
        var held = pay(100);

        String shown = run("approvals", "show", approval(held), "--remember", "8h", "--sum", "amount=1000");
        assertTrue(shown.contains("It could be remembered for 1d at most"), shown);
        String flat = shown.replaceAll("\\s+", " ");
        assertTrue(flat.contains("It would have let 1 of the last 1 calls of coder through"), shown);
        assertTrue(flat.contains("people denied 1 of them"), shown);
        assertTrue(shown.contains("denied before: " + denied.text("callId")), shown);
        assertFalse(run("approvals", "show", approval(held)).contains("Remembered as you say"));

        run("approvals", "approve", approval(held), "--remember", "8h", "--calls", "3", "--sum", "amount=1000");
        assertEquals("succeeded", state(100));
        assertEquals("succeeded", state(200));
        String listed = run("grants", "ls");
        assertTrue(listed.contains("2 of 3") && listed.contains("300 of 1000"), listed);
        String grant = list("active").getFirst();
        assertTrue(run("grants", "show", grant).contains("bank.pay"));
        assertTrue(run("grants", "revoke", grant, "--reason", "wrong account").contains("revoked"));
        assertTrue(run("grants", "ls").contains("No grant is active."));
        JsonObject json = (JsonObject) dev.guardrail.base.StrictJson.parse(
                run("grants", "show", grant, "--json").getBytes(StandardCharsets.UTF_8));
        assertEquals("revoked", json.text("state").orElseThrow());
        assertEquals("held", state(50));
    }

    private String run(String... words) {
        var all = Stream.concat(
                        Stream.of(words),
                        Stream.of(
                                "--url",
                                served.sidecar.url().toString(),
                                "--key-file",
                                directory.resolve("ann").toString()))
                .toArray(String[]::new);
        var said = new ByteArrayOutputStream();
        System.setOut(new PrintStream(said, true, StandardCharsets.UTF_8));
        int code = new CommandLine(Guardrail.command()).execute(all);
        System.setOut(terminal);
        String text = said.toString(StandardCharsets.UTF_8);
        assertEquals(0, code, String.join(" ", words) + "\n" + text);
        return text;
    }
}
