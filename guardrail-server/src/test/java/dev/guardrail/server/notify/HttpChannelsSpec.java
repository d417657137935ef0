package dev.guardrail.server.notify;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonWriter;
import dev.guardrail.call.Risk;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What receivers over HTTP are sent, and what their answers count as.
class HttpChannelsSpec {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final Instant NOW = Instant.ofEpochSecond(1_763_643_710);
    private static final byte[] KEY = "0123456789abcdef0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    private static final String SECRET = "whsec_" + Base64.getEncoder().encodeToString(KEY);

    /// Escapes, a direction override, a zero-width space, a variation selector, a lone surrogate, markup of chats.
    private static final String HOSTILE =
            "ls \u001b[2J\r\n\u202egpj\u200b\ufe0f\ud800 <!channel> <https://evil.example|ok> *b* @here &lt;";

    private final Receiver receiver = new Receiver();

    @AfterEach
    void close() {
        receiver.close();
    }

    private Channel webhook(URI url, String secret) {
        return new WebhookChannel(url, () -> secret, "urn:guardrail:test", TIMEOUT, () -> NOW);
    }

    private Channel webhook() {
        return webhook(receiver.url("/hook"), SECRET);
    }

    private Channel ntfy() {
        return new NtfyChannel(receiver.url("/"), "approvals", Optional.of(() -> "tk_secret"), TIMEOUT);
    }

    private Channel slack() {
        return new SlackChannel(() -> receiver.url("/services/T0/B0/xyz").toString(), TIMEOUT);
    }

    private Receiver.Taken taken() {
        assertEquals(1, receiver.taken().size());
        return receiver.taken().getFirst();
    }

    private static String text(JsonObject json, String... path) {
        JsonObject at = json;
        for (int i = 0; i < path.length - 1; i++) at = at.object(path[i]).orElseThrow();
        return at.text(path[path.length - 1]).orElseThrow();
    }

    /// Checks a signature as a receiver does, with nothing of the channel's own.
    private static boolean verifies(byte[] key, Receiver.Taken taken) throws Exception {
        var signed = new ByteArrayOutputStream();
        signed.writeBytes((taken.header("webhook-id") + "." + taken.header("webhook-timestamp") + ".")
                .getBytes(StandardCharsets.UTF_8));
        signed.writeBytes(taken.body());
        var mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        return taken.header("webhook-signature")
                .equals("v1," + Base64.getEncoder().encodeToString(mac.doFinal(signed.toByteArray())));
    }

    @Test
    void a_webhook_gets_an_event_that_its_secret_signs() throws Exception {
        assertInstanceOf(Delivery.Delivered.class, webhook().deliver(Notices.notice("apr_1-requested")));

        var taken = taken();
        assertEquals("POST /hook", taken.method() + " " + taken.path());
        assertEquals("application/cloudevents+json; charset=utf-8", taken.header("content-type"));
        assertEquals("apr_1-requested", taken.header("webhook-id"));
        assertEquals("1763643710", taken.header("webhook-timestamp"));
        assertTrue(verifies(KEY, taken));

        var event = taken.json();
        assertEquals("1.0", text(event, "specversion"));
        assertEquals("apr_1-requested", text(event, "id"));
        assertEquals("urn:guardrail:test", text(event, "source"));
        assertEquals("dev.guardrail.approval.requested", text(event, "type"));
        assertEquals("apr_1", text(event, "subject"));
        assertEquals("2026-11-20T13:01:50Z", text(event, "time"));
        assertEquals("high", text(event, "data", "risk"));
        assertEquals("Refund of 750.00 EUR", text(event, "data", "title"));
        assertEquals(Notices.LINK, text(event, "data", "link"));
        assertEquals(
                "{\"amount\":75000}",
                event.object("data")
                        .orElseThrow()
                        .object("details")
                        .orElseThrow()
                        .toString());
    }

    @Test
    void no_other_secret_no_other_time_and_no_other_body_verifies() throws Exception {
        webhook().deliver(Notices.notice("n1"));
        var taken = taken();
        assertTrue(verifies(KEY, taken), "the control");

        assertFalse(verifies("another".getBytes(StandardCharsets.US_ASCII), taken));
        byte[] body = taken.body().clone();
        body[body.length - 3]++;
        assertFalse(verifies(
                KEY, new Receiver.Taken("POST", "/", taken.headers(), new String(body, StandardCharsets.ISO_8859_1))));
        var later = new java.util.TreeMap<>(taken.headers());
        later.put("webhook-timestamp", "1763643711");
        assertFalse(verifies(KEY, new Receiver.Taken("POST", "/", later, taken.raw())));
    }

    @Test
    void a_secret_that_is_not_base64_is_the_key_itself_and_one_that_claims_to_be_is_refused() throws Exception {
        webhook(receiver.url("/hook"), "a-plain-secret-of-some-length").deliver(Notices.notice("n1"));
        assertTrue(verifies("a-plain-secret-of-some-length".getBytes(StandardCharsets.US_ASCII), taken()));

        assertInstanceOf(
                Delivery.Refused.class,
                webhook(receiver.url("/hook"), "whsec_no base64").deliver(Notices.notice("n2")));
        assertEquals(1, receiver.taken().size());
    }

    @Test
    void ntfy_gets_its_json_form_at_the_root_with_the_token() throws Exception {
        assertInstanceOf(Delivery.Delivered.class, ntfy().deliver(Notices.notice("n1")));

        var taken = taken();
        assertEquals("POST /", taken.method() + " " + taken.path());
        assertEquals("Bearer tk_secret", taken.header("authorization"));
        assertEquals(
                "{\"topic\":\"approvals\",\"title\":\"Refund of 750.00 EUR\","
                        + "\"message\":\"tool stripe.refund\\nagent coder\",\"priority\":4,"
                        + "\"tags\":[\"approval.requested\",\"high\"],\"click\":\"" + Notices.LINK + "\"}",
                taken.text());
    }

    @Test
    void the_priority_at_ntfy_follows_the_risk() throws Exception {
        for (Risk risk : Risk.values()) ntfy().deliver(Notices.notice("n-" + risk.text(), risk, "t", "x"));

        assertEquals(
                List.of(2L, 3L, 4L, 5L),
                receiver.taken().stream()
                        .map(taken -> taken.json().integer("priority").orElseThrow())
                        .toList());
    }

    @Test
    void a_text_that_ntfy_would_turn_into_an_attachment_is_cut_and_says_so() throws Exception {
        for (String unit : List.of("x", "\"", "ж", "漢", "😀", "\u202e")) {
            ntfy().deliver(Notices.notice("n1", Risk.LOW, unit.repeat(5_000), unit.repeat(20_000)));
            var taken = receiver.taken().getLast();
            String message = text(taken.json(), "message");

            assertTrue(taken.body().length <= 8_192, unit);
            assertTrue(message.getBytes(StandardCharsets.UTF_8).length <= 4_096, unit);
            assertTrue(message.length() > 500, unit);
            assertTrue(message.endsWith("the rest is on the page"), unit);
        }
    }

    @Test
    void slack_gets_plain_text_and_one_link_of_ours() throws Exception {
        assertInstanceOf(Delivery.Delivered.class, slack().deliver(Notices.notice("n1")));

        var taken = taken();
        assertEquals("/services/T0/B0/xyz", taken.path());
        var message = taken.json();
        assertEquals("Approval requested, risk high: Refund of 750.00 EUR", text(message, "text"));
        assertEquals(
                List.of(
                        "header plain_text Approval requested, risk high",
                        "section plain_text Refund of 750.00 EUR",
                        "section plain_text tool stripe.refund\nagent coder",
                        "section mrkdwn <https://guardrail.example/approvals/apr_1?from=notice&amp;of=high>"),
                blocks(message));
    }

    private static List<String> blocks(JsonObject message) {
        return message.array("blocks").orElseThrow().items().stream()
                .map(JsonObject.class::cast)
                .map(block ->
                        text(block, "type") + " " + text(block, "text", "type") + " " + text(block, "text", "text"))
                .toList();
    }

    @Test
    void a_long_text_stays_within_what_slack_takes() throws Exception {
        slack().deliver(Notices.notice("n1", Risk.LOW, "😀".repeat(3_000), "😀".repeat(30_000)));

        var blocks = blocks(taken().json());
        assertTrue(blocks.stream().allMatch(block -> block.length() < 3_000));
        assertTrue(blocks.stream().mapToInt(String::length).sum() < 12_000);
        assertTrue(blocks.get(blocks.size() - 2).endsWith("the rest is on the page"));
        assertTrue(blocks.stream().noneMatch(block -> block.contains("\ufffd")));
    }

    @Test
    void markup_of_agents_is_text_for_slack() throws Exception {
        slack().deliver(Notices.notice("n1", Risk.LOW, "<!channel> & <https://evil.example|ok>", HOSTILE));

        var message = taken().json();
        assertEquals(
                "Approval requested, risk low: &lt;!channel&gt; &amp; &lt;https://evil.example|ok&gt;",
                text(message, "text"));
        assertEquals(
                Optional.of(false), message.get("mrkdwn").map(Json::toString).map(Boolean::valueOf));
        assertEquals(
                1,
                blocks(message).stream()
                        .filter(block -> block.contains(" mrkdwn "))
                        .filter(block -> block.contains("<https://guardrail.example/"))
                        .count());
        assertEquals(
                1,
                blocks(message).stream()
                        .filter(block -> block.contains(" mrkdwn "))
                        .count());
    }

    @Test
    void no_body_has_a_byte_that_could_deceive_and_machines_get_the_exact_data() throws Exception {
        JsonObject data =
                JsonObject.with("path", "a\u202eb\u200b\u0007é😀\u007f").build();
        var notice = Notices.with(Notices.notice("n1", Risk.HIGH, HOSTILE, HOSTILE + "\u2028x\ty"), data);
        for (Channel channel : List.of(webhook(), ntfy(), slack()))
            assertInstanceOf(Delivery.Delivered.class, channel.deliver(notice));

        for (var taken : receiver.taken()) {
            for (byte each : taken.body()) assertTrue(each >= ' ' && each < 0x7F, taken.text());
            String shown = new String(JsonWriter.bytes(taken.json().without("data")), StandardCharsets.UTF_8);
            for (String hidden : List.of("\u202e", "\u200b", "\ufe0f", "\u2028", "\\u001b", "\\t", "\\r"))
                assertFalse(shown.contains(hidden), shown);
        }
        var told = receiver.taken().getFirst().json().object("data").orElseThrow();
        assertEquals(Optional.of(data), told.object("details"));
        assertEquals(
                "ls ‹U+001B›[2J\n‹U+202E›gpj‹U+200B›‹U+FE0F›‹U+D800› <!channel> <https://evil.example|ok>"
                        + " *b* @here &lt;‹U+2028›x‹U+0009›y",
                text(told, "text"));
        assertTrue(text(told, "title").startsWith("ls ‹U+001B›[2J‹U+000D›‹U+000A›‹U+202E›"));
    }

    @Test
    void a_redirect_is_a_failure_and_its_target_sees_nothing() throws Exception {
        try (var target = new Receiver()) {
            for (int status : new int[] {301, 302, 303, 307, 308}) {
                receiver.answers(
                        status, Map.of("Location", target.url("/elsewhere").toString()));
                var made = assertInstanceOf(
                        Delivery.Refused.class, webhook().deliver(Notices.notice("n" + status)), () -> "" + status);
                assertEquals("it answered HTTP " + status + ", and redirects are not followed", made.why());
            }
            assertEquals(List.of(), target.taken());
            assertEquals(5, receiver.taken().size());

            assertInstanceOf(
                    Delivery.Delivered.class, webhook(target.url("/"), SECRET).deliver(Notices.notice("n")));
            assertEquals(1, target.taken().size(), "the control");
        }
    }

    @Test
    void statuses_say_whether_another_attempt_may_help() throws Exception {
        receiver.answers(202).answers(400).answers(404).answers(500).answers(503, Map.of("Retry-After", "7"));
        receiver.answers(429, Map.of("Retry-After", "Fri, 20 Nov 2026 13:00:00 GMT"));

        assertEquals(new Delivery.Delivered(), webhook().deliver(Notices.notice("n")));
        assertEquals(new Delivery.Refused("it answered HTTP 400"), webhook().deliver(Notices.notice("n")));
        assertEquals(new Delivery.Refused("it answered HTTP 404"), webhook().deliver(Notices.notice("n")));
        assertEquals(new Delivery.Troubled("it answered HTTP 500"), webhook().deliver(Notices.notice("n")));
        assertEquals(
                new Delivery.Troubled("it answered HTTP 503", Optional.of(Duration.ofSeconds(7))),
                webhook().deliver(Notices.notice("n")));
        assertEquals(new Delivery.Troubled("it answered HTTP 429"), webhook().deliver(Notices.notice("n")));
    }

    @Test
    void nobody_there_and_nobody_answering_may_be_tried_again_and_say_no_address() throws Exception {
        receiver.answers(0);
        var hanging = new SlackChannel(() -> receiver.url("/services/SECRET").toString(), Duration.ofMillis(200));
        var slow = assertInstanceOf(Delivery.Troubled.class, hanging.deliver(Notices.notice("n")));
        assertEquals("it was not reached (HttpTimeoutException)", slow.why());

        var url = receiver.url("/services/SECRET").toString();
        receiver.close();
        var gone = assertInstanceOf(
                Delivery.Troubled.class, new SlackChannel(() -> url, TIMEOUT).deliver(Notices.notice("n")));
        assertEquals("it was not reached (ConnectException)", gone.why());
    }

    @Test
    void a_notice_has_an_id_fit_for_a_header_and_a_link_to_a_page() {
        assertEquals("ok_A-1", Notices.notice("ok_A-1").id());
        for (String id : List.of("", "a.b", "a b", "a\r\nx: y", "é", "x".repeat(129)))
            assertThrows(IllegalArgumentException.class, () -> Notices.notice(id), id);

        for (String link : List.of(
                "javascript:alert(1)",
                "https://me:pw@guardrail.example/",
                "/approvals/1",
                "https://a b",
                "https://é.example"))
            assertThrows(
                    IllegalArgumentException.class,
                    () -> new Notice(
                            "n", Notice.Type.CLOSED, NOW, "s", Risk.LOW, "t", "x", JsonObject.EMPTY, Optional.of(link)),
                    link);
    }

    @Test
    void what_is_marked_once_is_not_marked_again() {
        String once = LastLook.lines(HOSTILE);
        assertEquals(once, LastLook.lines(once));
        assertArrayEquals(
                "{\"a\":\"\\u00e9\\u007f\"}".getBytes(StandardCharsets.US_ASCII),
                LastLook.json(JsonObject.with("a", "é\u007f").build()));
    }
}
