package dev.guardrail.pack;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;

/// The YAML files under the paths that an operator names, as they were when it was made. Directories are walked; hidden
/// ones and those called
/// `faults` (broken on purpose) are passed over, links to files are followed and links to directories are not.
public final class PackFiles {
    /// Most files of one pack.
    static final int FILES = 2_000;

    private final List<Diagnostic> unreadable = new ArrayList<>();
    private final TreeMap<String, Source> sources = new TreeMap<>();

    public PackFiles(List<Path> roots) {
        for (Path root : roots) {
            if (Files.isDirectory(root)) walk(root);
            else if (Files.exists(root)) read(root);
            else refuse(root, "missing-file", "there is no such file or directory");
        }
    }

    /// In order of their names, each once.
    public List<Source> sources() {
        return List.copyOf(sources.values());
    }

    List<Diagnostic> unreadable() {
        return List.copyOf(unreadable);
    }

    private void walk(Path directory) {
        int before = sources.size();
        for (Path file : children(directory)) visit(file, 0);
        if (sources.size() == before && unreadable.isEmpty())
            refuse(directory, "no-policy", "there is no policy file (`*.yaml`) in this directory");
    }

    private void visit(Path path, int depth) {
        String name = path.getFileName().toString();
        if (name.startsWith(".") || depth > YamlReader.DEPTH) return;
        if (Files.isDirectory(path)) {
            if (!Files.isSymbolicLink(path) && !name.equals("faults"))
                for (Path child : children(path)) visit(child, depth + 1);
        } else if (name.endsWith(".yaml") || name.endsWith(".yml")) {
            read(path);
        }
    }

    private List<Path> children(Path directory) {
        try (Stream<Path> children = Files.list(directory)) {
            return children.sorted(
                            Comparator.comparing(path -> path.getFileName().toString()))
                    .toList();
        } catch (IOException unlisted) {
            refuse(directory, "unreadable", "this directory cannot be listed");
            return List.of();
        }
    }

    private void read(Path file) {
        if (sources.size() >= FILES) {
            refuse(file, "too-large", "there are more than " + FILES + " policy files");
            return;
        }
        try {
            // Four bytes a character at most; what is longer is refused unread.
            if (Files.size(file) > 4L * YamlReader.LENGTH) {
                refuse(file, "too-large", "the file is longer than " + YamlReader.LENGTH + " characters");
                return;
            }
            var text = StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(Files.readAllBytes(file)));
            sources.put(file.toString(), new Source(file.toString(), text.toString()));
        } catch (CharacterCodingException malformed) {
            refuse(file, "yaml", "the file is not UTF-8");
        } catch (IOException unread) {
            refuse(file, "unreadable", "the file cannot be read");
        }
    }

    private void refuse(Path path, String code, String message) {
        unreadable.add(new Diagnostic(Diagnostic.Severity.ERROR, code, path.toString(), 1, 1, message, ""));
    }
}
