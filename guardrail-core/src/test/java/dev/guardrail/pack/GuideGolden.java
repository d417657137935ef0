package dev.guardrail.pack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// Policies that guides show load, and keep the promises that stand beside them.
class GuideGolden {
    private static final Pattern BLOCK = Pattern.compile("```yaml\n(apiVersion:.*?)```", Pattern.DOTALL);

    @Test
    void the_outbox_guides_policy_is_sound_and_its_tests_hold() throws IOException {
        var block = BLOCK.matcher(Files.readString(Path.of("..", "docs", "guide", "outbox.md")));
        assertEquals(true, block.find());

        var pack = new PackReader().readSources(List.of(new Source("outbox.yaml", block.group(1))));

        assertEquals(List.of(), pack.diagnostics());
        var report = new PackTest(pack, List.of()).run();
        assertFalse(report.results().isEmpty());
        for (var result : report.results())
            assertEquals(List.of(), result.failures(), result.promise().name());
        assertEquals(List.of(), report.silent());
    }

    @Test
    void the_undo_guides_limit_is_sound_and_its_tests_hold() throws IOException {
        var blocks = BLOCK.matcher(Files.readString(Path.of("..", "docs", "guide", "undo.md")))
                .results()
                .map(block -> block.group(1))
                .toList();
        String limit = blocks.stream()
                .filter(block -> block.contains("session.irreversible"))
                .findFirst()
                .orElseThrow();

        var pack = new PackReader()
                .readSources(List.of(new Source("files.yaml", blocks.getFirst()), new Source("limited.yaml", limit)));

        assertEquals(List.of(), pack.diagnostics());
        var report = new PackTest(pack, List.of()).run();
        assertEquals(2, report.results().size());
        for (var result : report.results())
            assertEquals(List.of(), result.failures(), result.promise().name());
    }

    @Test
    void a_delay_that_is_another_than_expected_is_told() throws IOException {
        var block = BLOCK.matcher(Files.readString(Path.of("..", "docs", "guide", "outbox.md")));
        assertEquals(true, block.find());
        String other = block.group(1).replace("rule: mail-colleagues, delay: 2m", "rule: mail-colleagues, delay: 3m");

        var pack = new PackReader().readSources(List.of(new Source("outbox.yaml", other)));

        assertEquals(
                List.of("delay: expected `3m`, found `2m`"),
                new PackTest(pack, List.of()).run().results().getFirst().failures());
    }
}
