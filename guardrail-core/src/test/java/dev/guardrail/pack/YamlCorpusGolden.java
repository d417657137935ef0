package dev.guardrail.pack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.guardrail.testing.Gen;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// Hostile YAML: refused at its place, in bounded time.
class YamlCorpusGolden {
    private static final String SOUND = """
            apiVersion: guardrail/v1
            kind: Policy
            metadata: {name: base, owner: platform}
            rules:
              - id: allow-reads
                match: {tools: [files.read_*, "*.get_*"]}
                when: args.path == "/workspace" || args.n > 3
                effect: allow
              - id: ask
                match: {labels: [network-write], roles: [developer]}
                effect: require_approval
                approval: {approvers: ["group:payments"], required: 2, expiresAfter: 15m}
            """;

    @TestFactory
    Stream<DynamicTest> every_file_is_refused_where_it_is_wrong() {
        return Map.of(
                        "anchor-cycle", "1:8 alias",
                        "billion-laughs", "7:17 alias",
                        "deep", "1:35 too-deep",
                        "dup-keys", "4:5 duplicate-key",
                        "merge", "2:8 merge-key",
                        "null-rules", "1:7 wrong-type",
                        "tabs", "2:1 yaml",
                        "unknown-key", "1:1 unknown-key")
                .entrySet()
                .stream()
                .map(entry -> dynamicTest(entry.getKey(), () -> {
                    var pack = read(text("/corpora/yaml/" + entry.getKey() + ".yaml"));
                    assertFalse(pack.isSound());
                    assertTrue(places(pack).contains(entry.getValue()), places(pack)::toString);
                }));
    }

    @Test
    void several_documents_are_judged_each_by_itself() throws IOException {
        var places = places(read(text("/corpora/yaml/multi-doc.yaml")));
        assertTrue(places.contains("1:1 missing-key"), places::toString);
        assertTrue(places.contains("3:10 unknown-value"), places::toString);
        assertTrue(read(SOUND + "---\n" + SOUND.replace("id: ", "id: other-")).isSound());
    }

    /// A thousand broken variants of a sound file: read to an end, without an exception, and never to the same policies
    /// by accident of a swallowed fault.
    @Test
    void no_mutilated_file_breaks_the_reader() {
        var sound = read(SOUND);
        assertTrue(sound.isSound(), () -> sound.diagnostics().toString());
        int refused = 0;
        for (long seed = 0; seed < 1_000; seed++) {
            String text = mutilated(Gen.seeded(seed));
            var pack = assertTimeoutPreemptively(Duration.ofSeconds(20), () -> read(text), text);
            if (pack.isSound()) continue;
            refused++;
            assertEquals(dev.guardrail.policy.PolicySet.EMPTY, pack.policies(), text);
            for (Diagnostic diagnostic : pack.diagnostics())
                assertTrue(diagnostic.line() >= 1
                        && diagnostic.column() >= 1
                        && !diagnostic.render().isEmpty());
        }
        assertTrue(refused > 500, "only " + refused + " were refused");
    }

    private static String mutilated(Gen any) {
        var text = new StringBuilder(SOUND);
        var odd = List.of(
                "\t",
                "\0",
                "*",
                "&a ",
                "!!x ",
                ":",
                "- ",
                "{",
                "}",
                "[",
                "]",
                "'",
                "\"",
                "|",
                ">",
                "#",
                "\u200b",
                "<<: ",
                "\n",
                "\ud800",
                "---\n",
                "...",
                "%YAML 9.9\n",
                "? ",
                "~",
                "\ufeff");
        for (int i = 1 + any.number(4); i > 0; i--) {
            int at = any.number(text.length());
            if (any.chance(2)) text.insert(at, any.oneOf(odd));
            else text.delete(at, Math.min(text.length(), at + 1 + any.number(20)));
        }
        return text.toString();
    }

    private static List<String> places(PolicyPack pack) {
        return pack.diagnostics().stream()
                .map(diagnostic -> diagnostic.line() + ":" + diagnostic.column() + " " + diagnostic.code())
                .toList();
    }

    private static PolicyPack read(String text) {
        return new PackReader().readSources(List.of(new Source("rules.yaml", text)));
    }

    private static String text(String resource) throws IOException {
        try (InputStream in = YamlCorpusGolden.class.getResourceAsStream(resource)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
