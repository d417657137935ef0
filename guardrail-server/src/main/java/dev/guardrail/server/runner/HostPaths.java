package dev.guardrail.server.runner;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonBoolean;
import dev.guardrail.base.JsonNull;
import dev.guardrail.base.JsonNumber;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import dev.guardrail.base.Sha256;
import dev.guardrail.call.PathFact;
import dev.guardrail.call.PathFacts;
import dev.guardrail.call.ToolName;
import dev.guardrail.pipeline.Paths;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Path facts from the file system of this host, for servers whose root lies on it. A relative path is taken from
/// the root. Links are resolved as the kernel does, `..` after the link that it follows; what does not exist yet
/// is kept as written. What cannot be resolved gets no fact, and conditions on it are then errors.
public final class HostPaths implements Paths {
    private static final int TEXTS = 64;
    private static final int CHARACTERS = 4_096;
    private static final int CONTENT_BYTES = 1024 * 1024;

    private final Map<String, Path> roots;

    /// @param roots root of each server that has one, by the server's name
    public HostPaths(Map<String, Path> roots) {
        this.roots = Map.copyOf(roots);
    }

    @Override
    public PathFacts resolve(ToolName tool, JsonObject arguments) {
        var configured = roots.get(tool.server());
        if (configured == null) return PathFacts.NONE;
        Path root;
        try {
            root = configured.toRealPath();
        } catch (IOException gone) {
            return PathFacts.NONE;
        }
        var texts = new LinkedHashSet<String>();
        collect(arguments, texts);
        var facts = new HashMap<String, PathFact>();
        for (String text : texts) fact(root, text).ifPresent(fact -> facts.put(text, fact));
        return new PathFacts(facts);
    }

    /// Takes the first texts that can be paths, in the order of the arguments.
    private static void collect(Json json, Set<String> texts) {
        if (texts.size() >= TEXTS) return;
        switch (json) {
            case JsonText(String text) -> {
                if (!text.isEmpty() && text.length() <= CHARACTERS && text.indexOf('\0') < 0) texts.add(text);
            }
            case JsonArray array -> array.items().forEach(item -> collect(item, texts));
            case JsonObject object -> object.members().values().forEach(member -> collect(member, texts));
            case JsonNumber number -> {}
            case JsonBoolean bool -> {}
            case JsonNull none -> {}
        }
    }

    private static Optional<PathFact> fact(Path root, String text) {
        return RealPath.of(root, text).map(real -> new PathFact(real.toString(), root.toString(), content(real)));
    }

    /// Digest of a file that could be run: one with an execute bit, or a script. Larger ones have none.
    private static Optional<Sha256> content(Path real) {
        try {
            if (!Files.isRegularFile(real, LinkOption.NOFOLLOW_LINKS) || Files.size(real) > CONTENT_BYTES)
                return Optional.empty();
            byte[] bytes = bytes(real);
            if (bytes == null) return Optional.empty();
            boolean script = bytes.length > 1 && bytes[0] == '#' && bytes[1] == '!';
            return script || Files.isExecutable(real) ? Optional.of(Sha256.of(bytes)) : Optional.empty();
        } catch (IOException unreadable) {
            return Optional.empty();
        }
    }

    private static byte @Nullable [] bytes(Path real) throws IOException {
        try (var in = Files.newInputStream(real, LinkOption.NOFOLLOW_LINKS)) {
            byte[] bytes = in.readNBytes(CONTENT_BYTES + 1);
            return bytes.length > CONTENT_BYTES ? null : bytes;
        }
    }
}
