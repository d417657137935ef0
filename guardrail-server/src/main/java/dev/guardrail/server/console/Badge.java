package dev.guardrail.server.console;

import dev.guardrail.approval.GrantState;
import dev.guardrail.call.Risk;

/// A state in a word, with a sign and a colour that say the same.
///
/// @param tone class: `allow`, `deny`, `wait`, `modify`, `undo`, `taint`, `grave`, or empty
public record Badge(String tone, Icon icon, String word) {

    /// What was decided of a call.
    ///
    /// @param effect word of it, as entries and rules write it
    public static Badge ofEffect(String effect) {
        return switch (effect) {
            case "allow" -> new Badge("allow", Icon.YES, "Allowed");
            case "modify" -> new Badge("modify", Icon.PENCIL, "Modified");
            case "deny" -> new Badge("deny", Icon.STOP, "Denied");
            case "require_approval" -> new Badge("wait", Icon.CLOCK, "Held");
            case "clarify" -> new Badge("wait", Icon.SPEECH, "Asked back");
            default -> new Badge("", Icon.LOG, "Decided");
        };
    }

    /// How an approval that is remembered stands.
    public static Badge of(GrantState state) {
        return switch (state) {
            case ACTIVE -> new Badge("allow", Icon.YES, "Active");
            case SPENT -> new Badge("", Icon.MINUS, "Used up");
            case EXPIRED -> new Badge("", Icon.CLOCK, "Expired");
            case REVOKED -> new Badge("deny", Icon.STOP, "Taken back");
        };
    }

    public static Badge of(Risk risk) {
        return switch (risk) {
            case LOW -> new Badge("", Icon.FLAG, "Low");
            case MEDIUM -> new Badge("wait", Icon.FLAG, "Medium");
            case HIGH -> new Badge("deny", Icon.FLAG, "High");
            case CRITICAL -> new Badge("grave", Icon.WARNING, "Critical");
        };
    }
}
