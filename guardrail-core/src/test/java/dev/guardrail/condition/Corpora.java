package dev.guardrail.condition;

import dev.guardrail.base.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;

/// The corpora of bad input that lie beside the tests: one JSON object a line.
final class Corpora {
    private Corpora() {}

    static List<JsonObject> lines(String name) {
        try (var stream =
                Objects.requireNonNull(Corpora.class.getResourceAsStream("/corpora/" + name + ".jsonl"), name)) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.isBlank())
                    .map(Asked::json)
                    .toList();
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }
}
