package dev.guardrail.server.crash;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// What the outside was told, over all lives of one home.
///
/// @param broken calls that could not be judged at all; there is no reason for any
/// @param head size of the largest log that was signed for
record Told(List<Acknowledged> acknowledged, List<String> broken, long head) {

    /// A caller was told that a call stands so.
    ///
    /// @param seq where its decision stands, -1 where it was not said
    record Acknowledged(String call, String status, long seq) {}

    /// Reads what each life wrote to its standard output, which is a file: what was written before a kill is in it.
    static Told read(List<Path> lives) throws IOException {
        List<Acknowledged> acknowledged = new ArrayList<>();
        List<String> broken = new ArrayList<>();
        long head = 0;
        for (Path life : lives)
            for (String line : wholeLines(life)) {
                String[] words = line.split(" ");
                switch (words[0]) {
                    case "ack" -> acknowledged.add(new Acknowledged(words[1], words[2], Long.parseLong(words[3])));
                    case "head" -> head = Math.max(head, Long.parseLong(words[1]));
                    case "broken" -> broken.add(line);
                    case "ready" -> {}
                    default -> throw new IOException("not a line of ours: " + line);
                }
            }
        return new Told(acknowledged, broken, head);
    }

    static List<String> wholeLines(Path file) throws IOException {
        if (Files.notExists(file)) return List.of();
        String text = Files.readString(file, StandardCharsets.UTF_8);
        return text.substring(0, text.lastIndexOf('\n') + 1).lines().toList();
    }
}
