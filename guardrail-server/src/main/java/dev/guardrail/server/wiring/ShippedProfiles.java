package dev.guardrail.server.wiring;

import dev.guardrail.pack.PackReader;
import dev.guardrail.pack.Source;
import dev.guardrail.sandbox.Profile;
import java.util.List;
import java.util.Map;

/// The sandbox profiles as they are shipped inside the program.
public final class ShippedProfiles {
    private static final Map<String, Profile> READ =
            new PackReader().readSources(sources()).profiles();

    private ShippedProfiles() {}

    /// By name.
    public static Map<String, Profile> profiles() {
        return READ;
    }

    public static List<Source> sources() {
        return Embedded.source("sandbox/profiles.yaml").stream().toList();
    }
}
