package dev.guardrail.server.notify;

import dev.guardrail.base.JsonObject;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// Notices for machines: an event in structured mode (CloudEvents 1.0, JSON format), signed as Standard Webhooks has
/// it: HMAC-SHA256 over the id, the time of the attempt and the body.
public final class WebhookChannel implements Channel {
    private static final String HMAC = "HmacSHA256";

    /// What a secret in base64 begins with.
    private static final String ENCODED = "whsec_";

    private final URI url;
    private final Supplier<String> secret;
    private final String source;
    private final InstantSource clock;
    private final HttpPost post;

    /// @param secret read at each attempt; see [#key]
    /// @param source URI-reference of this guard, so that id and source name one event among several guards
    public WebhookChannel(URI url, Supplier<String> secret, String source, Duration timeout, InstantSource clock) {
        this.url = url;
        this.secret = secret;
        this.source = source;
        this.clock = clock;
        this.post = new HttpPost(timeout);
    }

    /// The bytes that a configured secret stands for: what `whsec_` is followed by in base64, or the text itself.
    ///
    /// @return empty where `whsec_` is followed by something else
    public static Optional<byte[]> key(String secret) {
        if (!secret.startsWith(ENCODED)) return Optional.of(secret.getBytes(StandardCharsets.UTF_8));
        try {
            return Optional.of(Base64.getDecoder().decode(secret.substring(ENCODED.length())));
        } catch (IllegalArgumentException malformed) {
            return Optional.empty();
        }
    }

    @Override
    public Delivery deliver(Notice notice) throws InterruptedException {
        Optional<byte[]> key = key(secret.get()).filter(bytes -> bytes.length > 0);
        if (key.isEmpty()) return new Delivery.Refused("its secret is no base64 after `whsec_`");
        byte[] body = LastLook.json(event(notice));
        String time = Long.toString(clock.instant().getEpochSecond());
        return post.send(
                url,
                Map.of(
                        "Content-Type",
                        "application/cloudevents+json; charset=utf-8",
                        "webhook-id",
                        notice.id(),
                        "webhook-timestamp",
                        time,
                        "webhook-signature",
                        "v1," + signature(key.get(), notice.id() + '.' + time + '.', body)),
                body);
    }

    /// The same for each attempt.
    private JsonObject event(Notice notice) {
        var data = JsonObject.with("risk", notice.risk().text())
                .with("title", LastLook.line(notice.title(), Integer.MAX_VALUE))
                .with("text", LastLook.lines(notice.text()))
                .with("link", notice.link())
                .with("details", notice.data());
        return JsonObject.with("specversion", "1.0")
                .with("id", notice.id())
                .with("source", source)
                .with("type", "dev.guardrail." + notice.type().word())
                .with("subject", notice.subject())
                .with("time", notice.at().toString())
                .with("datacontenttype", "application/json")
                .with("data", data.build())
                .build();
    }

    private static String signature(byte[] key, String head, byte[] body) {
        try {
            Mac mac = Mac.getInstance(HMAC);
            mac.init(new SecretKeySpec(key, HMAC));
            mac.update(head.getBytes(StandardCharsets.US_ASCII));
            return Base64.getEncoder().encodeToString(mac.doFinal(body));
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("every JDK has " + HMAC, impossible);
        }
    }
}
