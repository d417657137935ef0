package dev.guardrail.server.notify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.JsonObject;
import dev.guardrail.server.wiring.InvalidConfiguration;
import dev.guardrail.server.wiring.Served;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What people hear of a held call, from the call to the receiver.
@Timeout(120)
class HeraldSpec {
    @TempDir
    Path directory;

    private static String details(JsonObject event, String member) {
        return event.object("data")
                .flatMap(data -> data.object("details"))
                .flatMap(details -> details.text(member))
                .orElseThrow(() -> new AssertionError(event));
    }

    private static String text(JsonObject event) {
        return event.object("data").flatMap(data -> data.text("text")).orElseThrow();
    }

    @Test
    void a_held_call_is_told_through_the_channels_that_its_rule_names() throws Exception {
        try (var told = new Told(directory, Told.RULES)) {
            var held = told.hold("crm.pay");
            var event = Told.event(told.ops, held.approval() + "-requested");
            assertEquals("dev.guardrail.approval.requested", event.text("type").orElseThrow());
            assertEquals(held.approval(), event.text("subject").orElseThrow());
            assertEquals(held.digest(), details(event, "argumentsDigest"));
            assertTrue(text(event).contains("coder wants to call crm.pay (external), with amount 7"), text(event));
            assertTrue(text(event).contains("guardrail approvals show " + held.approval()), text(event));
            assertTrue(told.letter(held.approval()).raw().contains("coder wants to call crm.pay"));

            var other = told.hold("crm.mail");
            Told.event(told.ops, other.approval());
            Told.event(told.side, other.approval());
            assertEquals(List.of(), Told.events(told.side, held.approval()), "its rule does not name this channel");
        }
    }

    @Test
    void what_arrives_is_signed_and_neither_opens_nor_decides_anything() throws Exception {
        try (var told = new Told(directory, Told.RULES)) {
            var held = told.hold("crm.pay");
            Told.event(told.ops, held.approval());
            var taken = told.ops.taken().getFirst();
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(Told.SECRET.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            mac.update((taken.header("webhook-id") + '.' + taken.header("webhook-timestamp") + '.')
                    .getBytes(StandardCharsets.UTF_8));
            assertEquals(
                    "v1," + Base64.getEncoder().encodeToString(mac.doFinal(taken.body())),
                    taken.header("webhook-signature"));
            String page = "https://guardrail.example/console/approvals/" + held.approval();
            assertTrue(taken.text().contains("\"link\":\"" + page + "\""), taken.text());
            // The one address in it leads to where one signs in.
            String all = (taken.text() + told.letter(held.approval()).raw().replace("=\r\n", "")).replace(page, "");
            for (String secret : List.of(Told.SECRET, Served.ANN, Served.CODER, "http", "approve "))
                assertFalse(all.contains(secret), secret);
        }
    }

    @Test
    void every_step_of_an_approval_is_told() throws Exception {
        try (var told = new Told(directory, Told.RULES)) {
            var held = told.hold("crm.pay");
            String path = "/v1/approvals/" + held.approval();
            assertEquals(
                    200,
                    told.served
                            .post(Served.ANN, path + "/ask", "{\"text\":\"for whom?\"}")
                            .status());
            Told.event(told.ops, held.approval() + "-asked-1");
            assertEquals(
                    202,
                    told.served
                            .post(Served.CODER, "/v1/calls/" + held.call() + "/answer", "{\"text\":\"for sam\"}")
                            .status());
            Told.event(told.ops, held.approval() + "-answered-2");
            assertEquals(
                    200, told.served.post(Served.ANN, path + "/escalate", "{}").status());
            assertTrue(text(Told.event(told.ops, held.approval() + "-escalated-1-0"))
                    .contains("root"));
            var edit = told.served.post(
                    Served.ANN,
                    path + "/edit",
                    "{\"argumentsDigest\":\"" + held.digest() + "\",\"arguments\":{\"amount\":5}}");
            assertEquals(200, edit.status(), edit::text);
            assertTrue(text(Told.event(told.ops, held.approval() + "-edited")).contains("with amount 5"));
            assertEquals(
                    200,
                    told.served
                            .post(Served.ANN, path + "/deny", "{\"reason\":\"no\"}")
                            .status());
            var closed = Told.event(told.ops, held.approval() + "-closed");
            assertEquals("denied", details(closed, "state"));
            assertTrue(closed.toString().contains("by ann"), closed::toString);
        }
    }

    @Test
    void a_crowd_of_calls_is_told_once() throws Exception {
        try (var told = new Told(directory, Told.RULES)) {
            for (int i = 0; i < 110; i++) {
                var answer = told.served.propose(Served.CODER, "crm.pay", "{\"amount\":" + i + "}");
                assertEquals(i < 100 ? "held" : "denied", answer.text("state"));
            }
            var event = Told.event(told.ops, "flooded-");
            assertEquals("coder", details(event, "agent"));
            told.served.propose(Served.OTHER, "crm.pay", "{\"amount\":1}");
            Told.await(
                    () -> told.ops.taken().stream()
                            .anyMatch(taken -> taken.text().contains("other wants")),
                    () -> "another agent is not told of");
            assertEquals(1, Told.events(told.ops, "flooded-").size());
        }
    }

    @Test
    void a_rule_that_names_a_channel_which_is_none_keeps_the_guard_from_starting() throws Exception {
        String misspelt = Told.RULES.replace("notify: [ops, mail]", "notify: [ops, mial]");
        var refused = assertThrows(InvalidConfiguration.class, () -> start(misspelt));
        assertTrue(
                refused.findings().toString().contains("unknown-channel"),
                () -> refused.findings().toString());
        start(Told.RULES);
    }

    private void start(String rules) throws Exception {
        new Told(directory, rules).close();
    }

    @Test
    void channels_that_a_rule_names_anew_count_from_the_next_call_on() throws Exception {
        try (var told = new Told(directory, Told.RULES)) {
            String before = told.version();
            Served.write(
                    directory.resolve("policies/rules.yaml"),
                    Told.RULES.replace("notify: [ops, mail]", "notify: [side]"));
            Told.await(() -> !told.version().equals(before), () -> "the policies are not read again");
            var held = told.hold("crm.pay");
            Told.event(told.side, held.approval());
            assertEquals(List.of(), Told.events(told.ops, held.approval()));
        }
    }
}
