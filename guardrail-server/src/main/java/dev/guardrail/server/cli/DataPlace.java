package dev.guardrail.server.cli;

import dev.guardrail.server.wiring.Configuration;
import dev.guardrail.server.wiring.ConfigurationReader;
import dev.guardrail.server.wiring.EmbeddedDefaults;
import dev.guardrail.server.wiring.InvalidConfiguration;
import dev.guardrail.server.wiring.KeyFiles;
import dev.guardrail.server.wiring.Secrets;
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
        Configuration read = configuration();
        return found(read.data(), read.signingKey());
    }

    private Found found(Path directory, Optional<Path> configured) {
        Optional<Path> key = Optional.ofNullable(signingKey).or(() -> configured);
        return new Found(directory, new KeyFiles(directory, key, new SecureRandom()));
    }

    private Configuration configuration() throws InvalidConfiguration {
        Path named = config;
        var secrets = new Secrets(System::getenv);
        if (named != null) return ConfigurationReader.read(named, secrets);
        Path usual = Path.of("guardrail.yaml");
        return Files.exists(usual)
                ? ConfigurationReader.read(usual, secrets)
                : EmbeddedDefaults.configuration(Path.of("."));
    }
}
