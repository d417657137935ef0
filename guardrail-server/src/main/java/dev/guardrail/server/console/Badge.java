package dev.guardrail.server.console;

import dev.guardrail.call.Risk;

/// A state in a word, with a sign and a colour that say the same.
///
/// @param tone class: `allow`, `deny`, `wait`, `modify`, `undo`, `taint`, `grave`, or empty
public record Badge(String tone, Icon icon, String word) {

    public static Badge of(Risk risk) {
        return switch (risk) {
            case LOW -> new Badge("", Icon.FLAG, "Low");
            case MEDIUM -> new Badge("wait", Icon.FLAG, "Medium");
            case HIGH -> new Badge("deny", Icon.FLAG, "High");
            case CRITICAL -> new Badge("grave", Icon.WARNING, "Critical");
        };
    }
}
