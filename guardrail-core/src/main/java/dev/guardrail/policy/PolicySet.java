package dev.guardrail.policy;

import dev.guardrail.base.Sha256;
import java.util.List;

/// All rules in force, by layer. A set: order and duplicates do not matter.
///
/// @param version digest of everything that it says
public record PolicySet(List<Layer> layers, Sha256 version) {
    /// Permits nothing.
    public static final PolicySet EMPTY = new PolicySet(List.of(), Sha256.of(new byte[0]));

    public PolicySet {
        layers = List.copyOf(layers);
    }
}
