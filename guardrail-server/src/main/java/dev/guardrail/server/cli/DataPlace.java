package dev.guardrail.server.cli;

import dev.guardrail.server.wiring.DataSettings;
import dev.guardrail.server.wiring.InvalidConfiguration;
import dev.guardrail.server.wiring.KeyFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Where a command finds the data that it works on itself, without a sidecar.
final class DataPlace {
    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "Configuration; guardrail.yaml where there is one, else embedded defaults.")
    private @Nullable Path config;

    @Option(names = "--data", paramLabel = "DIR", description = "Data directory; no configuration is read then.")
    private @Nullable Path data;

    @Option(
            names = "--signing-key",
            paramLabel = "FILE",
            description = "The log's private key; by default what the configuration names, or the data directory's.")
    private @Nullable Path signingKey;

    /// The data directory and the keys that belong to it.
    record Found(Path data, KeyFiles keys) {}

    Found find() throws InvalidConfiguration {
        Path named = data;
        if (named != null) return found(named, Optional.empty());
        DataSettings read = settings();
        return found(read.data(), read.signingKey());
    }

    private Found found(Path directory, Optional<Path> configured) {
        Optional<Path> key = Optional.ofNullable(signingKey).or(() -> configured);
        return new Found(directory, new KeyFiles(directory, key, new SecureRandom()));
    }

    private DataSettings settings() throws InvalidConfiguration {
        Path named = config;
        if (named != null) return DataSettings.read(named);
        Path usual = Path.of("guardrail.yaml");
        return Files.exists(usual) ? DataSettings.read(usual) : DataSettings.embedded(Path.of("."));
    }
}
