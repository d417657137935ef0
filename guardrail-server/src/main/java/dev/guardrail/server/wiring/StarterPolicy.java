package dev.guardrail.server.wiring;

import dev.guardrail.pack.Source;
import java.util.List;

/// The starter policy as it is shipped inside the program, for a guard without a configuration.
public final class StarterPolicy {
    private static final List<String> FILES = List.of("starter/rules.yaml", "starter/tools.yaml");

    private StarterPolicy() {}

    public static List<Source> sources() {
        return FILES.stream().flatMap(file -> Embedded.source(file).stream()).toList();
    }
}
