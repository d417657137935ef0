package dev.guardrail.server.wiring;

import dev.guardrail.pack.Source;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// The starter policy as it is shipped inside the program, for a guard without a configuration.
public final class StarterPolicy {
    private static final String PLACE = "/embedded/policies/starter/";
    private static final List<String> FILES = List.of("rules.yaml", "tools.yaml");

    private StarterPolicy() {}

    public static List<Source> sources() {
        return FILES.stream().flatMap(file -> source(file).stream()).toList();
    }

    private static java.util.Optional<Source> source(String file) {
        try (InputStream stream = StarterPolicy.class.getResourceAsStream(PLACE + file)) {
            return stream == null
                    ? java.util.Optional.empty()
                    : java.util.Optional.of(new Source(
                            "policies/starter/" + file, new String(stream.readAllBytes(), StandardCharsets.UTF_8)));
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }
}
