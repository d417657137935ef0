package dev.guardrail.server.console.audit;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/// Fields that a search may name, and what they look at.
///
/// @param plain fields that are called as the members that they look at
/// @param others fields that look at other members
/// @param compared those of [#COMPARED] that there are
/// @param ids the field in which an id alone is looked for, by what it begins with
/// @param arguments true where `args.NAME` is one
public record Language(
        List<String> plain,
        Map<String, List<String>> others,
        List<String> compared,
        Map<String, String> ids,
        boolean arguments) {

    /// Fields that stand on one side of a limit: place in the log, time, and how long ago that is.
    static final List<String> COMPARED = List.of("seq", "at", "age");

    /// Entries of the log.
    static final Language LOG = new Language(
            List.of(
                    "call",
                    "session",
                    "agent",
                    "tool",
                    "effect",
                    "kind",
                    "status",
                    "outcome",
                    "cause",
                    "door",
                    "run",
                    "voter",
                    "vote",
                    "by",
                    "why",
                    "change",
                    "policy",
                    "state",
                    "fault",
                    "route",
                    "server",
                    "stop",
                    "scope",
                    "attested",
                    "error",
                    "entry",
                    "to",
                    "user",
                    "definition",
                    "failed",
                    "shadow"),
            Map.of(
                    "rule",
                    List.of("rules"),
                    "ticket",
                    List.of("ticket", "grants"),
                    "grant",
                    List.of("grant", "grants")),
            COMPARED,
            Map.of("call_", "call", "ses_", "session", "apr_", "ticket", "grt_", "grant", "stp_", "stop"),
            true);

    /// Requests to people.
    public static final Language REQUESTS = new Language(
            List.of("ticket", "call", "session", "agent", "user", "tool", "risk", "state"),
            Map.of("rule", List.of("rules")),
            List.of("at", "age"),
            Map.of("call_", "call", "ses_", "session", "apr_", "ticket"),
            false);

    public Language {
        plain = List.copyOf(plain);
        others = Map.copyOf(others);
        compared = List.copyOf(compared);
        ids = Map.copyOf(ids);
    }

    Optional<List<String>> members(String field) {
        return plain.contains(field) ? Optional.of(List.of(field)) : Optional.ofNullable(others.get(field));
    }

    /// All of them, with commas between.
    String fields() {
        var names = new TreeSet<>(plain);
        names.addAll(others.keySet());
        names.addAll(compared);
        if (arguments) names.add(Term.ARGUMENTS + ".NAME");
        return String.join(", ", names);
    }
}
