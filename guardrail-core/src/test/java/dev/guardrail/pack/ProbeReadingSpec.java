package dev.guardrail.pack;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.guardrail.base.JsonObject;
import dev.guardrail.call.Template;
import dev.guardrail.call.ToolName;
import dev.guardrail.call.UndoHook;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// The probe of the guide on undo.
final class ProbeReadingSpec {
    private static final Pattern BLOCK = Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL);

    @Test
    void the_probe_of_the_guide_is_read_with_all_that_it_says() throws IOException {
        Optional<UndoHook.Probe> probe = probe(guide());

        var look = new UndoHook.Look(
                ToolName.parse("mail.find_message"),
                new Template(JsonObject.with("key", "${args.key}").build()),
                Optional.of(new UndoHook.Absence("")));
        assertEquals(Optional.of(new UndoHook.Probe(look, Duration.ofMinutes(5))), probe);
    }

    @Test
    void where_nothing_is_said_absence_counts_after_a_minute() throws IOException {
        assertEquals(
                Optional.of(Duration.ofMinutes(1)),
                probe(guide().replace(", absentAfter: 5m", "")).map(UndoHook.Probe::absentAfter));
    }

    private static String guide() throws IOException {
        return BLOCK.matcher(Files.readString(Path.of("..", "docs", "guide", "undo.md")))
                .results()
                .map(block -> block.group(1))
                .filter(block -> block.contains("probe:"))
                .findFirst()
                .orElseThrow();
    }

    private static Optional<UndoHook.Probe> probe(String text) {
        var pack = new PackReader().readSources(List.of(new Source("guide.yaml", text)));
        assertEquals(List.of(), pack.diagnostics());
        return pack.catalogue().entries().get("mail.send_message").undo().flatMap(UndoHook::probe);
    }
}
