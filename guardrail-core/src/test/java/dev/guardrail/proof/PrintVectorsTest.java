package dev.guardrail.proof;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class PrintVectorsTest {
    @Test
    @SuppressWarnings("unchecked")
    void print() throws Exception {
        var method = JournalFormatGolden.class.getDeclaredMethod("expected");
        method.setAccessible(true);
        Files.writeString(Path.of("/tmp/vectors.txt"), String.join("---\n", (List<String>) method.invoke(null)));
    }
}
