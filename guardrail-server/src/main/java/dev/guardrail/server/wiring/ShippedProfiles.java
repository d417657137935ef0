package dev.guardrail.server.wiring;

import dev.guardrail.pack.Source;
import java.util.List;

/// The sandbox profiles as they are shipped inside the program.
public final class ShippedProfiles {
    private ShippedProfiles() {}

    public static List<Source> sources() {
        return Embedded.source("sandbox/profiles.yaml").stream().toList();
    }
}
