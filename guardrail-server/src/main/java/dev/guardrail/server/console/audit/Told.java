package dev.guardrail.server.console.audit;

import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.server.console.Badge;
import dev.guardrail.server.console.Icon;
import dev.guardrail.server.sheet.Legible;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;

/// What an entry says, in a word and in a sentence of ours. What others named in it is legible.
public final class Told {
    private Told() {}

    public static long millis(JsonObject entry) {
        return Instant.parse(word(entry, "at")).toEpochMilli();
    }

    /// A text member as it is; empty where it is missing.
    public static String word(JsonObject entry, String member) {
        return entry.text(member).orElse("");
    }

    public static Badge badge(JsonObject entry) {
        return switch (word(entry, "kind")) {
            case "decided" -> Badge.ofEffect(word(entry, "effect"));
            case "executed" -> executed(word(entry, "status"));
            case "undone" ->
                word(entry, "status").equals("undone")
                        ? new Badge("undo", Icon.UNDO, "Undone")
                        : new Badge("deny", Icon.WARNING, "Undo failed");
            case "voted" ->
                word(entry, "vote").equals("approve")
                        ? new Badge("allow", Icon.YES, "Vote for")
                        : new Badge("deny", Icon.STOP, "Vote against");
            case "ticket_closed", "canary_closed", "outbox_closed" -> closed(word(entry, "outcome"));
            case "ticket_changed" -> new Badge("wait", Icon.PEOPLE, "Handed on");
            case "canary_opened" -> new Badge("", Icon.EYE, "Test request");
            case "granted" -> new Badge("allow", Icon.KEY, "Granted");
            case "grant_ended" -> new Badge("", Icon.KEY, "Grant over");
            default -> guard(entry);
        };
    }

    /// Entries on sessions, and on the guard itself.
    private static Badge guard(JsonObject entry) {
        return switch (word(entry, "kind")) {
            case "session_changed" -> new Badge("", Icon.AGENT, "Session");
            case "tool_seen" ->
                word(entry, "state").equals("quarantined")
                        ? new Badge("deny", Icon.WARNING, "Quarantined")
                        : new Badge("", Icon.FILE, "Tool");
            case "revealed" -> new Badge("wait", Icon.EYE, "Looked behind");
            case "pack_activated" -> new Badge("modify", Icon.FILE, "Policies");
            case "key_rotated" -> new Badge("modify", Icon.KEY, "Log key");
            case "gap_acknowledged" -> new Badge("deny", Icon.WARNING, "Gap");
            case "wire_refused" -> new Badge("deny", Icon.WARNING, "Turned away");
            case "stopped" -> new Badge("deny", Icon.STOP, "Stopped");
            case "stop_lifted" -> new Badge("allow", Icon.YES, "Stop lifted");
            default -> new Badge("", Icon.LOG, "Entry");
        };
    }

    private static Badge executed(String status) {
        return switch (status) {
            case "succeeded" -> new Badge("allow", Icon.YES, "Ran");
            case "failed" -> new Badge("deny", Icon.WARNING, "Failed");
            case "in_doubt" -> new Badge("wait", Icon.WARNING, "In doubt");
            case "cancelled" -> new Badge("deny", Icon.STOP, "Cancelled");
            default -> new Badge("", Icon.CLOCK, "Lapsed");
        };
    }

    private static Badge closed(String outcome) {
        return switch (outcome) {
            case "approved" -> new Badge("allow", Icon.YES, "Approved");
            case "denied" -> new Badge("deny", Icon.STOP, "Denied by a person");
            case "expired" -> new Badge("", Icon.CLOCK, "Expired");
            case "cancelled" -> new Badge("", Icon.MINUS, "Cancelled");
            default -> new Badge("", Icon.LOG, "Closed");
        };
    }

    /// One sentence, without its full stop; marks stand between `‹` and `›`.
    public static String sentence(JsonObject entry) {
        String agent = name(entry, "agent");
        String tool = name(entry, "tool");
        return switch (word(entry, "kind")) {
            case "decided" ->
                agent + " proposed " + tool + (entry.has("undoes") ? " to undo " + name(entry, "undoes") : "") + "; "
                        + answer(entry);
            case "executed" -> "The call of " + tool + " by " + agent + " " + outcome(entry);
            case "undone" ->
                "The call of " + tool + " by " + agent
                        + (word(entry, "status").equals("undone") ? " was undone" : " could not be undone");
            case "voted" ->
                name(entry, "voter") + " voted " + (word(entry, "vote").equals("approve") ? "for" : "against")
                        + " the call";
            case "ticket_closed" -> "Voting on the call ended: " + name(entry, "outcome");
            case "ticket_changed" -> "The request was " + name(entry, "change") + " by " + name(entry, "by");
            case "canary_opened" -> "A test request for " + tool + " went to " + list(entry, "to");
            case "canary_closed" -> "The test request for " + tool + " ended: " + name(entry, "outcome");
            case "outbox_closed" ->
                "The waiting call of " + tool + " by " + agent + " left the outbox: " + name(entry, "outcome");
            case "granted" -> agent + " may call " + tool + " without asking, until " + name(entry, "until");
            case "grant_ended" -> "The grant of " + tool + " to " + agent + " ended: " + name(entry, "outcome");
            case "session_changed" ->
                "The session of " + agent + ": " + name(entry, "change") + ", by " + name(entry, "by");
            default -> guard(entry, tool);
        };
    }

    /// Entries on the guard itself.
    private static String guard(JsonObject entry, String tool) {
        return switch (word(entry, "kind")) {
            case "tool_seen" ->
                "The definition of " + tool + " is " + name(entry, "state") + ", by " + name(entry, "by");
            case "revealed" -> name(entry, "by") + " was shown what lies behind entry " + name(entry, "entry");
            case "pack_activated" ->
                "Policies came into force, with " + entry.integer("rules").orElse(0) + " rules";
            case "key_rotated" -> "The log is signed with another key from here on";
            case "gap_acknowledged" ->
                name(entry, "by") + " acknowledged that entries " + name(entry, "from") + " to " + name(entry, "to")
                        + " are lost";
            case "wire_refused" ->
                "Turned away at " + name(entry, "door") + ": " + name(entry, "fault") + ", sent by "
                        + name(entry, "by");
            case "stopped" -> name(entry, "by") + " stopped " + scope(entry);
            case "stop_lifted" -> name(entry, "by") + " lifted the stop of " + scope(entry);
            default -> "An entry of the kind " + name(entry, "kind");
        };
    }

    private static String scope(JsonObject entry) {
        String scope = word(entry, "scope");
        return scope.equals("all") ? "everything" : "the " + name(entry, "scope") + " " + name(entry, scope);
    }

    private static String answer(JsonObject entry) {
        String rules = list(entry, "rules");
        String by = rules.isEmpty() ? "no rule permits it" : "by " + rules;
        String cause =
                List.of("", "policy").contains(word(entry, "cause")) ? "" : ", because of " + name(entry, "cause");
        return switch (word(entry, "effect")) {
                    case "allow" -> "allowed " + by;
                    case "modify" -> "allowed with other arguments, " + by;
                    case "require_approval" -> "held for people, " + by;
                    case "clarify" -> "asked back, " + by;
                    default -> "denied, " + by;
                }
                + cause;
    }

    private static String outcome(JsonObject entry) {
        return switch (word(entry, "status")) {
                    case "succeeded" -> "ran";
                    case "failed" -> "failed" + (entry.has("error") ? ": " + name(entry, "error") : "");
                    case "in_doubt" -> "may have run; nobody knows";
                    case "cancelled" -> "was stopped; what came of it is unknown";
                    default -> "was not run in time, or its outcome is unknown";
                }
                + ", says the " + name(entry, "attested");
    }

    public static String name(JsonObject entry, String member) {
        String text = word(entry, member);
        return text.isEmpty() ? "–" : Legible.line(text);
    }

    /// Texts of a member, with commas between; empty where there are none.
    public static String list(JsonObject entry, String member) {
        return entry.array(member).map(JsonArray::texts).stream()
                .flatMap(List::stream)
                .map(Legible::line)
                .collect(Collectors.joining(", "));
    }
}
