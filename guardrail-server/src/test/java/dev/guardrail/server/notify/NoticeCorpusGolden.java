package dev.guardrail.server.notify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.StrictJson;
import dev.guardrail.call.Risk;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Every line of `corpora/approval-deception.jsonl` as title and text of a notice: nothing hides, moves or reorders, in
/// the bytes that leave or in what people are shown.
class NoticeCorpusGolden {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    @TestFactory
    Stream<DynamicTest> nobody_is_deceived() throws IOException {
        try (var corpus = NoticeCorpusGolden.class.getResourceAsStream("/corpora/approval-deception.jsonl")) {
            return new String(corpus.readAllBytes(), StandardCharsets.UTF_8)
                            .lines()
                            .filter(line -> !line.isBlank())
                            .map(line -> (JsonObject) StrictJson.parse(line.getBytes(StandardCharsets.UTF_8)))
                            .filter(line -> line.has("arg"))
                            .toList()
                            .stream()
                            .map(line -> dynamicTest(
                                    line.text("name").orElseThrow(),
                                    () -> tell(line.text("arg").orElseThrow())));
        }
    }

    private static void tell(String arg) throws Exception {
        var notice = Notices.notice("n1", Risk.HIGH, arg, "first\n" + arg);
        try (var receiver = new Receiver();
                var mails = MailServer.plain()) {
            Map<String, Channel> channels = Map.of(
                    "webhook",
                            new WebhookChannel(
                                    receiver.url("/"), () -> "secret", "guardrail/x", TIMEOUT, () -> Notices.AT),
                    "ntfy", new NtfyChannel(receiver.url("/"), "ops", Optional.empty(), TIMEOUT),
                    "slack", new SlackChannel(() -> receiver.url("/").toString(), TIMEOUT),
                    "mail",
                            new SmtpChannel(
                                    new SmtpChannel.Server("localhost", mails.port(), SmtpChannel.Security.NONE),
                                    Optional.empty(),
                                    "guard@ops.example",
                                    List.of("ann@ops.example"),
                                    TIMEOUT));
            for (var channel : channels.entrySet())
                assertEquals(new Delivery.Delivered(), channel.getValue().deliver(notice), channel.getKey());

            for (var taken : receiver.taken()) {
                for (byte each : taken.body()) assertTrue(each >= ' ' && each < 0x7F);
                check(String.join("\n", texts(taken.json())));
            }
            var mail = mails.mails().getFirst();
            check(mail.message().getSubject());
            check(((String) mail.message().getContent()).replace("\r\n", "\n"));
        }
    }

    private static List<String> texts(JsonObject json) {
        return json.members().values().stream()
                .flatMap(value -> switch (value) {
                    case JsonObject inner -> texts(inner).stream();
                    case dev.guardrail.base.JsonArray array ->
                        array.items().stream()
                                .flatMap(item -> item instanceof JsonObject inner
                                        ? texts(inner).stream()
                                        : Stream.of(item.toString()));
                    case dev.guardrail.base.JsonText(String text) -> Stream.of(text);
                    case dev.guardrail.base.JsonNumber number -> Stream.<String>empty();
                    case dev.guardrail.base.JsonBoolean bool -> Stream.<String>empty();
                    case dev.guardrail.base.JsonNull none -> Stream.<String>empty();
                })
                .toList();
    }

    /// Judged by Java's own classes of characters, not by ours.
    private static void check(String shown) {
        shown.codePoints().filter(point -> point != '\n').forEach(point -> {
            int type = Character.getType(point);
            assertTrue(
                    !Character.isISOControl(point)
                            && type != Character.FORMAT
                            && type != Character.SURROGATE
                            && type != Character.NON_SPACING_MARK
                            && type != Character.UNASSIGNED,
                    () -> "U+%04X in %s".formatted(point, shown));
        });
    }
}
