package dev.guardrail.server.wiring;

import dev.guardrail.base.JsonObject;
import dev.guardrail.pack.Fields;
import dev.guardrail.pack.Findings;
import dev.guardrail.pack.Yaml;
import dev.guardrail.server.wiring.Configuration.Server;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Reads `compensators`, and servers of ours whose states a class of the operator's reads and puts back.
record ProviderReader(ConfigurationReader.Places places, Findings findings) {

    /// The directory of jars.
    Optional<Path> jars(Fields top) {
        Optional<Path> directory = places.path(top, "compensators");
        if (directory.isEmpty()) return directory;
        if (!Files.isDirectory(directory.get())) {
            findings.error(
                    top.key("compensators"),
                    "missing-file",
                    "there is no directory `" + directory.get() + "`; create it, or name another");
            return Optional.empty();
        }
        places.enclosures().own(directory.get(), "the compensators");
        List<String> faults = FileTrust.faults(directory.get(), CompensatorJars::isJar);
        faults.forEach(fault -> findings.error(top.key("compensators"), "untrusted-file", fault));
        return directory.filter(trusted -> faults.isEmpty());
    }

    /// Nothing is loaded from a directory that is not trusted.
    Optional<Server> read(Fields top, Fields fields) {
        Optional<JsonObject> settings = settings(fields);
        Optional<String> provider = fields.requiredText("provider");
        Optional<Path> jars = jars(top);
        if (settings.isEmpty() || provider.isEmpty() || top.has("compensators") && jars.isEmpty())
            return Optional.empty();
        var place = fields.value("provider").orElseThrow().place();
        try (var found = CompensatorJars.open(jars)) {
            found.find(provider.get());
            return Optional.of(new Server.Java(provider.get(), settings.get(), jars, place));
        } catch (CompensatorJars.Unusable unusable) {
            findings.error(place, "no-provider", unusable.sentence());
        } catch (IOException unreadable) {
            findings.error(place, "no-provider", "the jars of `compensators` cannot be read by the guard's user");
        }
        return Optional.empty();
    }

    private Optional<JsonObject> settings(Fields fields) {
        Optional<Yaml> with = fields.value("with");
        if (with.isEmpty()) return Optional.of(JsonObject.EMPTY);
        if (with.get() instanceof Yaml.Mapping mapping) return Optional.of(mapping.json());
        findings.error(with.get().place(), "wrong-type", "`with` is a mapping of what the provider is told");
        return Optional.empty();
    }
}
