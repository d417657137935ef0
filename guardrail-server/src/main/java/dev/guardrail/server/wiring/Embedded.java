package dev.guardrail.server.wiring;

import dev.guardrail.pack.Source;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// Policy files that are shipped inside the program.
final class Embedded {
    private static final String PLACE = "/embedded/policies/";

    private Embedded() {}

    /// @param file below the project's policies
    static Optional<Source> source(String file) {
        try (InputStream stream = Embedded.class.getResourceAsStream(PLACE + file)) {
            return stream == null
                    ? Optional.empty()
                    : Optional.of(
                            new Source("policies/" + file, new String(stream.readAllBytes(), StandardCharsets.UTF_8)));
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }
}
