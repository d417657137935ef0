package dev.guardrail.server.door.http;

import dev.guardrail.base.MalformedJson;
import dev.guardrail.pack.Durations;
import io.micronaut.http.HttpRequest;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// The parameters of a request's query.
record Query(HttpRequest<?> request) {
    private static final int LIMIT = 100;
    private static final int MAX_LIMIT = 1_000;

    /// A parameter that is there once.
    Optional<String> text(String name) {
        List<String> values = request.getParameters().getAll(name);
        if (values.size() > 1) throw new MalformedJson("`" + name + "` stands in the query more than once");
        return values.stream().filter(value -> !value.isEmpty()).findFirst();
    }

    /// Most items of a page.
    int limit() {
        return text("limit")
                .map(text -> number(text, "limit"))
                .map(limit -> {
                    if (limit < 1 || limit > MAX_LIMIT)
                        throw new MalformedJson("`limit` is a number from 1 to " + MAX_LIMIT);
                    return limit.intValue();
                })
                .orElse(LIMIT);
    }

    /// Where the page before this one ended; empty for the first.
    String after() {
        return text("after").orElse("");
    }

    /// A span of time, cut to the longest one allowed; nothing where it is absent.
    Duration wait(Duration longest) {
        Optional<String> text = text("wait");
        if (text.isEmpty() || text.get().matches("0(ms|s|m)?")) return Duration.ZERO;
        Duration span = Durations.parse(text.get())
                .orElseThrow(() -> new MalformedJson("`wait` is a span of time such as `30s`"));
        return span.compareTo(longest) > 0 ? longest : span;
    }

    /// How far back to look.
    ///
    /// @param otherwise where nothing is said
    Duration since(Duration otherwise, Duration longest) {
        return text("since")
                .map(text -> Durations.parse(text)
                        .filter(span -> span.compareTo(longest) <= 0)
                        .orElseThrow(() -> new MalformedJson(
                                "`since` is a span of time such as `7d`, at most `" + longest.toDays() + "d`")))
                .orElse(otherwise);
    }

    static long number(String text, String name) {
        if (!text.matches("[0-9]{1,18}")) throw new MalformedJson("`" + name + "` is a whole number");
        return Long.parseLong(text);
    }
}
