package dev.guardrail.testing;

import dev.guardrail.base.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/// Inputs that fuzzing found to reach something new, kept in one text file for each target: `fuzz/TARGET.inputs` on the
/// class path, a line of Base64 for each input, shortest first. As a program it turns the file into a directory of
/// inputs, as the fuzzer wants them, and back.
public final class KeptInputs {
    private KeptInputs() {}

    /// @return the inputs of one target, never none
    public static List<byte[]> of(String target) {
        String name = "/fuzz/" + target + ".inputs";
        try (InputStream kept = KeptInputs.class.getResourceAsStream(name)) {
            if (kept == null) throw new IllegalStateException("no " + name);
            return decoded(new String(kept.readAllBytes(), StandardCharsets.US_ASCII));
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }

    private static List<byte[]> decoded(String text) {
        return text.lines().map(Base64.getDecoder()::decode).toList();
    }

    /// `unpack FILE DIRECTORY` or `pack DIRECTORY FILE`, or `seed FILE DIRECTORY` for a corpus whose every line is an
    /// object with the input as its `line`.
    public static void main(String[] arguments) throws IOException {
        Path from = Path.of(arguments[1]);
        Path to = Path.of(arguments[2]);
        switch (arguments[0]) {
            case "unpack" -> {
                if (Files.exists(from)) write(decoded(Files.readString(from)), to);
            }
            case "seed" -> write(corpusLines(from), to);
            case "pack" -> Files.writeString(to, packed(from));
            default -> throw new IllegalArgumentException("`unpack`, `seed` or `pack`");
        }
    }

    private static List<byte[]> corpusLines(Path file) throws IOException {
        try (Stream<String> lines = Files.lines(file)) {
            return lines.map(line -> ForeignJson.strict(line.getBytes(StandardCharsets.UTF_8)))
                    .map(json -> ((JsonObject) json.orElseThrow()).text("line").orElseThrow())
                    .map(line -> line.getBytes(StandardCharsets.UTF_8))
                    .toList();
        }
    }

    private static void write(List<byte[]> inputs, Path directory) throws IOException {
        Files.createDirectories(directory);
        for (byte[] input : inputs)
            Files.write(directory.resolve("kept-" + Integer.toHexString(Arrays.hashCode(input))), input);
    }

    private static String packed(Path directory) throws IOException {
        var inputs = new ArrayList<byte[]>();
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) inputs.add(Files.readAllBytes(file));
        }
        inputs.sort(Comparator.<byte[]>comparingInt(input -> input.length).thenComparing(Arrays::compare));
        var text = new StringBuilder();
        for (byte[] input : inputs)
            text.append(Base64.getEncoder().encodeToString(input)).append('\n');
        return text.toString();
    }
}
