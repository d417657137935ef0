package dev.guardrail.server.notify;

import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.call.Risk;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/// Notices on telephones, through a server of ntfy: its JSON form, posted to the server's root. The text is plain,
/// never
/// Markdown, and no button does anything.
public final class NtfyChannel implements Channel {
    private static final int TITLE = 200;

    /// Bytes of a message (`message-size-limit`, by default), and of the JSON that it comes in, which the server reads
    /// up to twice as many of; a little is left for the rest.
    private static final int MESSAGE_BYTES = 4_000;

    private static final int BODY_BYTES = 8_000;

    private final URI server;
    private final String topic;
    private final Optional<Supplier<String>> token;
    private final HttpPost post;

    /// @param server its root
    /// @param token an access token, read at each attempt
    public NtfyChannel(URI server, String topic, Optional<Supplier<String>> token, Duration timeout) {
        this.server = server;
        this.topic = topic;
        this.token = token;
        this.post = new HttpPost(timeout);
    }

    @Override
    public Delivery deliver(Notice notice) throws InterruptedException {
        Map<String, String> headers = new HashMap<>();
        headers.put("Content-Type", "application/json");
        token.ifPresent(secret -> headers.put("Authorization", "Bearer " + secret.get()));
        return post.send(server, headers, body(notice));
    }

    /// As much of the text as the server takes; a longer one would become an attachment, or be refused.
    private byte[] body(Notice notice) {
        int most = MESSAGE_BYTES;
        String message = LastLook.lines(notice.text(), most);
        byte[] body = body(notice, message);
        while (message.getBytes(StandardCharsets.UTF_8).length > MESSAGE_BYTES || body.length > BODY_BYTES) {
            most -= most / 8;
            message = LastLook.lines(notice.text(), most);
            body = body(notice, message);
        }
        return body;
    }

    private byte[] body(Notice notice, String message) {
        return LastLook.json(JsonObject.with("topic", topic)
                .with("title", LastLook.line(notice.title(), TITLE))
                .with("message", message)
                .with("priority", priority(notice.risk()))
                .with(
                        "tags",
                        JsonArray.ofTexts(
                                List.of(notice.type().word(), notice.risk().text())))
                .with("click", notice.link())
                .build());
    }

    /// From 1 to 5, where 3 is usual.
    private static int priority(Risk risk) {
        return switch (risk) {
            case LOW -> 2;
            case MEDIUM -> 3;
            case HIGH -> 4;
            case CRITICAL -> 5;
        };
    }
}
