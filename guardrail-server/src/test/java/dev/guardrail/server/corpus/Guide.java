package dev.guardrail.server.corpus;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/// What the guide's page on undo shows.
public final class Guide {
    private static final Path PAGE = Path.of("../docs/guide/undo.md");

    private Guide() {}

    /// All blocks of a language, in order.
    public static List<String> blocks(String language) throws IOException {
        return Pattern.compile("```" + language + "\n(.*?)```", Pattern.DOTALL)
                .matcher(Files.readString(PAGE))
                .results()
                .map(block -> block.group(1))
                .toList();
    }

    /// The first that has some words in it.
    public static String block(String language, String words) throws IOException {
        return blocks(language).stream()
                .filter(block -> block.contains(words))
                .findFirst()
                .orElseThrow();
    }
}
