package dev.guardrail.server.console.approvals;

import dev.guardrail.approval.Ticket;
import dev.guardrail.base.Json;
import dev.guardrail.journal.CallRecord;
import dev.guardrail.journal.Journal;
import dev.guardrail.journal.Kind;
import dev.guardrail.journal.Store;
import dev.guardrail.server.console.Badge;
import dev.guardrail.server.console.Bit;
import dev.guardrail.server.console.Icon;
import dev.guardrail.server.console.KeyRing;
import dev.guardrail.server.sheet.Comparison;
import dev.guardrail.server.sheet.Legible;
import dev.guardrail.server.sheet.Listing;
import io.micronaut.context.annotation.Requires;
import jakarta.inject.Singleton;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What a session did before a call, and how the call differs from its last try.
@Singleton
@Requires(beans = KeyRing.class)
final class Past {
    private static final int DECISIONS = 100;
    private static final int STEPS = 8;

    private final Journal journal;

    Past(Journal journal) {
        this.journal = journal;
    }

    /// @param steps calls of the session before this one, newest first
    /// @param changes from the last one of the same tool
    /// @param badge what became of that; null where there was none
    record Earlier(
            List<Detail.Step> steps,
            List<Comparison> changes,
            @Nullable Badge badge) {}

    Earlier of(Ticket ticket, Optional<Json> arguments) {
        var calls = before(ticket);
        var steps = calls.values().stream()
                .limit(STEPS)
                .map(call -> new Detail.Step(
                        Bit.of(Legible.line(call.tool().toString())),
                        badge(call),
                        call.at().toString()))
                .toList();
        Optional<CallRecord> last = calls.values().stream()
                .filter(call -> call.tool().equals(ticket.tool()))
                .findFirst();
        var changes = last.flatMap(call -> journal.body(call.argumentsBody()))
                .flatMap(older -> arguments.map(newer -> Comparison.between(Listing.ARGUMENTS, older, newer)))
                .orElse(List.of());
        return new Earlier(steps, changes, last.map(Past::badge).orElse(null));
    }

    /// By id, newest first; those that came later are none of it.
    private Map<String, CallRecord> before(Ticket ticket) {
        var calls = new LinkedHashMap<String, CallRecord>();
        var query = new Store.Query(null, ticket.session().value(), null, null, null, "decided");
        for (Store.Found found : journal.search(query, Long.MAX_VALUE, DECISIONS)) {
            String id = found.entry().text("call").orElse("");
            if (id.compareTo(ticket.call().value()) >= 0 || calls.containsKey(id)) continue;
            journal.get(Kind.CALL, id).ifPresent(document -> calls.put(id, CallRecord.of(document.value())));
        }
        return calls;
    }

    private static Badge badge(CallRecord call) {
        return switch (call.effect()) {
            case "allow" -> new Badge("allow", Icon.YES, "Allowed");
            case "modify" -> new Badge("modify", Icon.PENCIL, "Modified");
            case "require_approval" -> new Badge("wait", Icon.CLOCK, "Waiting");
            case "clarify" -> new Badge("", Icon.SPEECH, "Asked for more");
            default -> new Badge("deny", Icon.STOP, "Denied");
        };
    }
}
