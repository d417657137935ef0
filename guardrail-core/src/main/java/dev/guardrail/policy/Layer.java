package dev.guardrail.policy;

import java.util.List;

/// Rules that are decided by themselves; the strictest layer wins.
///
/// @param name `main` where the files say nothing
/// @param abstains it has no say where none of its rules match (`default: abstain`)
public record Layer(String name, boolean abstains, List<Rule> rules) {
    public Layer {
        rules = List.copyOf(rules);
    }
}
