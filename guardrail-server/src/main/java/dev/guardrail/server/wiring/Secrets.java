package dev.guardrail.server.wiring;

import dev.guardrail.base.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Reads secrets from where the configuration says that they lie, and remembers them so that they can be kept out of
/// what is stored. Safe for concurrent use.
public final class Secrets {
    /// Shortest key of an agent, host or operator, in characters.
    static final int MIN_KEY = 24;

    private static final int MAX_BYTES = 64 * 1024;

    private final Function<String, @Nullable String> environment;
    private final Set<String> known = java.util.concurrent.ConcurrentHashMap.newKeySet();
    private final List<Consumer<String>> listeners = new java.util.concurrent.CopyOnWriteArrayList<>();

    /// @param environment looks up a variable of the environment
    public Secrets(Function<String, @Nullable String> environment) {
        this.environment = environment;
    }

    /// A secret as it was found, or why it was not.
    sealed interface Found {
        record Value(String value) implements Found {}

        record Missing(String why) implements Found {}
    }

    Found find(Configuration.Secret secret) {
        return switch (secret) {
            case Configuration.Secret.Environment(String name) -> {
                String value = environment.apply(name);
                yield value == null || value.isBlank()
                        ? new Found.Missing("the variable `" + name + "` is not set; set it, or name a `file`")
                        : found(value);
            }
            case Configuration.Secret.File(Path path) -> file(path);
        };
    }

    private Found file(Path path) {
        Optional<String> fault = FileTrust.fault(path);
        if (fault.isPresent()) return new Found.Missing(fault.get());
        try {
            if (Files.size(path) > MAX_BYTES) return new Found.Missing("`" + path + "` is too long to be a secret");
            String value = Files.readString(path, StandardCharsets.UTF_8);
            return value.isBlank()
                    ? new Found.Missing("`" + path + "` is empty; write the secret into it")
                    : found(value);
        } catch (IOException unreadable) {
            return new Found.Missing("`" + path + "` cannot be read; let the guard's user read it: chmod 600 " + path);
        }
    }

    private Found found(String value) {
        String secret = value.strip();
        if (known.add(secret)) listeners.forEach(listener -> listener.accept(secret));
        return new Found.Value(secret);
    }

    /// The secret's present value.
    ///
    /// @throws IllegalStateException where it is gone; the message does not show it
    public String read(Configuration.Secret secret) {
        return switch (find(secret)) {
            case Found.Value(String value) -> value;
            case Found.Missing(String why) -> throw new IllegalStateException(why);
        };
    }

    /// Tells every secret read so far, and from here on each new one: a file's content changes while we run.
    public void tell(Consumer<String> listener) {
        listeners.add(listener);
        known.forEach(listener);
    }

    /// Whether a header carries it unchanged: visible ASCII alone.
    public static boolean isKey(String text) {
        return !text.isEmpty() && text.chars().allMatch(c -> c > ' ' && c < 0x7F);
    }

    /// Digest under which a key is kept.
    static Sha256 digest(String key) {
        return Sha256.of(key.getBytes(StandardCharsets.UTF_8));
    }
}
