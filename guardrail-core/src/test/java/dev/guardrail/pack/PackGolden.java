package dev.guardrail.pack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// Every pack that comes with the project, kept to its promises and to the words of its refusals.
class PackGolden {
    private static final Path POLICIES = Path.of("..", "policies");
    private static final PackReader READER = new PackReader()
            .knowing(new PackReader().read(List.of(POLICIES.resolve("sandbox"))).profiles());

    @TestFactory
    Stream<DynamicContainer> every_pack_keeps_its_promises() throws IOException {
        return packs().stream().map(directory -> {
            var pack = READER.read(List.of(directory));
            var report = new PackTest(pack, List.of()).run();
            var nodes = new ArrayList<DynamicNode>();
            nodes.add(dynamicTest("nothing is found in it", () -> assertEquals(List.of(), pack.diagnostics())));
            nodes.add(dynamicTest("every rule is shown at work", () -> assertEquals(List.of(), report.silent())));
            nodes.add(dynamicTest("every rule is shown idle", () -> assertEquals(List.of(), report.unopposed())));
            for (var result : report.results())
                nodes.add(dynamicTest(
                        result.promise().name(),
                        () -> assertEquals(
                                List.of(), result.failures(), result.promise().position())));
            return dynamicContainer(directory.getFileName().toString(), nodes);
        });
    }

    @TestFactory
    Stream<DynamicTest> every_fault_is_refused_in_its_words() throws IOException {
        return faults().stream()
                .map(file -> dynamicTest(file.toString(), () -> {
                    String name = file.getFileName().toString();
                    String found =
                            READER.readSources(List.of(new Source(name, Files.readString(file)))).diagnostics().stream()
                                    .map(diagnostic -> diagnostic.render() + "\n")
                                    .collect(Collectors.joining());
                    assertEquals(Files.readString(file.resolveSibling(name.replace(".yaml", ".txt"))), found);
                    assertTrue(found.contains(": error: "), "a fault is an error");
                }));
    }

    @Test
    void catalogues_are_read_without_a_fault() throws IOException {
        try (Stream<Path> files = Files.list(POLICIES.resolve("catalogues"))) {
            List<Path> catalogues = files.toList();
            assertFalse(catalogues.isEmpty());
            for (Path file : catalogues)
                assertEquals(
                        List.of(),
                        new PackReader()
                                .readSources(
                                        List.of(new Source(file.getFileName().toString(), Files.readString(file))))
                                .diagnostics(),
                        file.toString());
        }
    }

    @Test
    void there_are_packs_and_faults() throws IOException {
        assertTrue(packs().stream().anyMatch(pack -> pack.endsWith("starter")));
        assertTrue(faults().size() >= 15);
    }

    /// All but the catalogues, which are no packs: what describes tools is copied from, not loaded as it is.
    private static List<Path> packs() throws IOException {
        try (Stream<Path> children = Files.list(POLICIES)) {
            return children.filter(Files::isDirectory)
                    .filter(child -> !child.endsWith("catalogues"))
                    .sorted()
                    .toList();
        }
    }

    private static List<Path> faults() throws IOException {
        var faults = new ArrayList<Path>();
        for (Path pack : packs()) {
            try (Stream<Path> files = Files.list(pack.resolve("faults"))) {
                files.filter(file -> file.toString().endsWith(".yaml")).sorted().forEach(faults::add);
            }
        }
        return faults;
    }
}
