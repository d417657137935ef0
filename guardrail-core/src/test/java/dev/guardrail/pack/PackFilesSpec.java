package dev.guardrail.pack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.guardrail.policy.PolicySet;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Which files make a pack.
class PackFilesSpec {
    private static final String HEAD = "apiVersion: guardrail/v1\nkind: Policy\n";
    private static final String ALLOW = "  - {id: a, match: {tools: [files.read]}, effect: allow}\n";
    private static final String DENY = "  - {id: d, match: {tools: [files.write]}, effect: deny, message: No.}\n";

    @Test
    void directories_are_walked_past_what_is_hidden_or_broken_on_purpose(@TempDir Path root) throws IOException {
        write(root.resolve("b.yaml"), HEAD + "rules:\n" + ALLOW);
        write(root.resolve("deep/a.yml"), HEAD + "rules:\n" + DENY);
        write(root.resolve("faults/x.yaml"), "broken: [");
        write(root.resolve(".git/x.yaml"), "broken: [");
        write(root.resolve(".hidden.yaml"), "broken: [");
        write(root.resolve("README.md"), "broken: [");
        var pack = new PackReader().read(List.of(root));
        assertEquals(List.of(), pack.diagnostics());
        assertEquals(2, pack.policies().layers().getFirst().rules().size());
        assertFalse(
                new PackReader().read(List.of(root.resolve("faults/x.yaml"))).isSound(), "named, it is read");
        assertEquals(
                pack.policies().version(),
                new PackReader()
                        .read(List.of(root, root.resolve("b.yaml")))
                        .policies()
                        .version(),
                "a file that is named twice is read once");
    }

    @Test
    void what_cannot_be_read_is_a_finding(@TempDir Path root) throws IOException {
        assertEquals(List.of("no-policy"), codes(new PackReader().read(List.of(root))));
        assertEquals(List.of("missing-file"), codes(new PackReader().read(List.of(root.resolve("x.yaml")))));
        Files.write(root.resolve("latin.yaml"), "kind: \u00e9".getBytes(StandardCharsets.ISO_8859_1));
        assertEquals(List.of("yaml"), codes(new PackReader().read(List.of(root))));
        assertEquals(PolicySet.EMPTY, new PackReader().read(List.of()).policies());
    }

    @Test
    void a_file_beyond_the_cap_is_refused_unread() {
        var source = new Source("big.yaml", "#".repeat(YamlReader.LENGTH + 1));
        assertEquals(List.of("too-large"), codes(new PackReader().readSources(List.of(source))));
    }

    private static void write(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private static List<String> codes(PolicyPack pack) {
        return pack.diagnostics().stream().map(Diagnostic::code).toList();
    }
}
