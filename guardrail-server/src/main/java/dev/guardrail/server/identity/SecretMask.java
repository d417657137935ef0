package dev.guardrail.server.identity;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonBoolean;
import dev.guardrail.base.JsonNull;
import dev.guardrail.base.JsonNumber;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import dev.guardrail.pipeline.Redaction;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Takes secrets out of JSON: every configured one, also those that change while the guard runs, every token that the
/// guard holds, and whatever looks like a credential of a well-known kind. Each
/// pattern begins with fixed characters and repeats single classes only, so that time grows with the text's length and
/// nothing else.
public final class SecretMask implements Redaction {
    /// What stands where a secret stood.
    public static final String MASK = "[secret removed]";

    private static final int SHORTEST = 8;
    private static final Duration AFTERLIFE = Duration.ofMinutes(10);
    private static final Pattern SHAPES = Pattern.compile(String.join(
            "|",
            "\\bgrd_[A-Za-z0-9_-]{32,128}",
            "\\bgh[pousr]_[A-Za-z0-9]{30,255}",
            "\\bgithub_pat_[A-Za-z0-9_]{40,255}",
            "\\b(?:AKIA|ASIA)[A-Z0-9]{16}\\b",
            "\\bsk-[A-Za-z0-9_-]{20,255}",
            "\\bxox[abeoprs]-[A-Za-z0-9-]{10,255}",
            "\\beyJ[A-Za-z0-9_-]{8,4096}+\\.eyJ[A-Za-z0-9_-]{8,8192}+\\.[A-Za-z0-9_-]{8,4096}+"));
    private static final Pattern PEM_START = Pattern.compile("-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----");
    private static final Pattern PEM_END = Pattern.compile("-----END [A-Z ]{0,40}PRIVATE KEY-----");

    private final SecretIndex tokens = new SecretIndex();
    private volatile List<String> secrets;

    /// @param secrets values that may never be stored; those shorter than eight characters are too common to be masked
    public SecretMask(Collection<String> secrets) {
        this.secrets = ordered(secrets.stream());
    }

    private static List<String> ordered(Stream<String> secrets) {
        return secrets.filter(secret -> secret.length() >= SHORTEST)
                .distinct()
                .sorted(Comparator.comparingInt(String::length).reversed().thenComparing(Comparator.naturalOrder()))
                .toList();
    }

    /// Takes out one more, from here on and for good.
    public synchronized void learn(String secret) {
        secrets = ordered(Stream.concat(secrets.stream(), Stream.of(secret)));
    }

    /// Takes out a token too, for as long as it may be of use and a while longer.
    public void learn(String token, Instant now, Instant end) {
        tokens.add(token, now, end.plus(AFTERLIFE));
    }

    @Override
    public Json redact(Json value) {
        return switch (value) {
            case JsonText text -> redact(text);
            case JsonObject object -> redact(object);
            case JsonArray array -> redact(array);
            case JsonNumber number -> number;
            case JsonBoolean bool -> bool;
            case JsonNull none -> none;
        };
    }

    private JsonText redact(JsonText text) {
        String masked = mask(text.value());
        return masked.equals(text.value()) ? text : new JsonText(masked);
    }

    @SuppressWarnings("ReferenceEquality") // the very same value says that nothing was found
    private JsonObject redact(JsonObject object) {
        boolean changed = false;
        var members = new LinkedHashMap<String, Json>();
        for (var member : object.members().entrySet()) {
            String name = mask(member.getKey());
            Json value = redact(member.getValue());
            changed |= !name.equals(member.getKey()) || value != member.getValue();
            members.put(name, value);
        }
        return changed ? new JsonObject(members) : object;
    }

    @SuppressWarnings("ReferenceEquality") // as above
    private JsonArray redact(JsonArray array) {
        boolean changed = false;
        var items = new ArrayList<Json>(array.items().size());
        for (Json item : array.items()) {
            Json redacted = redact(item);
            changed |= redacted != item;
            items.add(redacted);
        }
        return changed ? new JsonArray(items) : array;
    }

    private String mask(String text) {
        if (text.length() < SHORTEST) return text;
        String masked = text;
        for (String secret : secrets) if (masked.contains(secret)) masked = masked.replace(secret, MASK);
        masked = tokens.without(masked, MASK);
        masked = SHAPES.matcher(masked).replaceAll(java.util.regex.Matcher.quoteReplacement(MASK));
        return withoutKeys(masked);
    }

    /// A private key goes from its first line to its last, or to the end of the text where that is missing.
    private static String withoutKeys(String text) {
        var start = PEM_START.matcher(text);
        if (!start.find()) return text;
        var kept = new StringBuilder();
        int from = 0;
        do {
            kept.append(text, from, start.start()).append(MASK);
            var end = PEM_END.matcher(text);
            if (!end.find(start.end())) return kept.toString();
            from = end.end();
        } while (start.find(from));
        return kept.append(text, from, text.length()).toString();
    }
}
