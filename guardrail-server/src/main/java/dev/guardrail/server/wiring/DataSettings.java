package dev.guardrail.server.wiring;

import dev.guardrail.pack.Diagnostic;
import dev.guardrail.pack.Fields;
import dev.guardrail.pack.Findings;
import dev.guardrail.pack.Source;
import dev.guardrail.pack.YamlReader;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// What `guardrail.yaml` says of the data and its key, for whoever works on them without running a guard: nothing else
/// of the file is judged, and no secret of a principal or server has to be there.
///
/// @param signingKey where the log's private key lies; in the data directory where empty
public record DataSettings(Path data, Optional<Path> signingKey) {

    /// @throws InvalidConfiguration where the file cannot be read, or says of these what cannot be used
    public static DataSettings read(Path file) throws InvalidConfiguration {
        var source = new Source(file.toString(), ConfigurationReader.text(file));
        var findings = new Findings(source);
        var documents = YamlReader.read(source, findings);
        Path base = Optional.ofNullable(file.toAbsolutePath().getParent()).orElse(Path.of("/"));
        var places = new ConfigurationReader.Places(base, findings, new Enclosures());
        Optional<Fields> top = documents.stream()
                .findFirst()
                .flatMap(yaml -> Fields.of(yaml, "a configuration", ConfigurationReader.KEYS, findings));
        var settings = new DataSettings(
                top.flatMap(fields -> places.path(fields, "data")).orElse(base.resolve("data")),
                top.flatMap(fields -> fields.value("signingKey"))
                        .flatMap(value -> places.keyFile(value, "signingKey")));
        List<Diagnostic> errors =
                findings.all().stream().filter(Diagnostic::isError).toList();
        if (!errors.isEmpty()) throw new InvalidConfiguration(errors);
        if (top.isEmpty()) throw InvalidConfiguration.of(file.toString(), "the file says nothing");
        return settings;
    }

    /// What holds where nobody configured anything.
    ///
    /// @param base directory that `data` lies in
    public static DataSettings embedded(Path base) {
        var embedded = EmbeddedDefaults.configuration(base);
        return new DataSettings(embedded.data(), embedded.signingKey());
    }
}
