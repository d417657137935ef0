package dev.guardrail.approval;

import dev.guardrail.base.JsonObject;
import dev.guardrail.journal.Journal;
import dev.guardrail.pack.Durations;
import dev.guardrail.policy.Reach;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// Whether an approval may reach beyond its one call, and when those who voted agree that it does.
final class Remembrance {
    /// Where a rule that holds the call does not let it be remembered.
    static final String NEVER = "a rule that holds the call never lets an approval be remembered; leave `scope` out";

    private Remembrance() {}

    /// The longest that every rule which holds the call lets an approval of it be remembered.
    ///
    /// @return empty where one of them never does
    static Optional<Duration> longest(Ticket ticket) {
        boolean all = ticket.holds().stream()
                .allMatch(hold -> hold.quorum().remember().isPresent());
        if (!all) return Optional.empty();
        return ticket.holds().stream()
                .map(hold -> hold.quorum().remember().orElseThrow())
                .min(Duration::compareTo);
    }

    /// Why an approval of a held call may not reach as far as somebody wants; one lower-case sentence.
    static Optional<String> objection(Journal journal, Ticket ticket, ScopedCall wanted) {
        Optional<Duration> longest = longest(ticket);
        if (longest.isEmpty()) return Optional.of(NEVER);
        if (wanted.scope().life().compareTo(longest.get()) > 0)
            return Optional.of("the rules that hold the call let an approval be remembered for at most `"
                    + Durations.text(longest.get()) + "`");
        if (!journal.blind(wanted.request().fingerprint()).equals(ticket.binding()))
            return Optional.of("the call's tool, or a file that it names, is not as it was when the call was held;"
                    + " approve this one call alone, or none");
        return objection(
                ticket.holds(),
                wanted.scope().reach(),
                wanted.request().action().arguments());
    }

    private static Optional<String> objection(List<Hold> holds, Reach reach, JsonObject arguments) {
        for (String name : reach.free())
            if (!arguments.has(name)) return Optional.of("the call has no argument `" + name + "`");
        for (String name : reach.vary())
            if (holds.stream().anyMatch(hold -> isTyped(hold, name)))
                return Optional.of("a rule asks for the value of `" + name
                        + "` to be typed, so that it cannot be anything; give it a `sum`");
        if (reach.sum().isEmpty()) return Optional.empty();
        Optional<BigDecimal> amount = reach.amount(arguments);
        if (amount.isEmpty()) return Optional.of("what a sum is for must be a number that is not negative");
        return amount.get().compareTo(reach.sum().get().max()) > 0
                ? Optional.of("the call alone is more than the sum")
                : Optional.empty();
    }

    /// Errs towards yes: any mention of the name counts.
    private static boolean isTyped(Hold hold, String name) {
        return hold.quorum()
                .confirm()
                .filter(by -> Pattern.compile("(?<![A-Za-z0-9_])" + Pattern.quote(name) + "(?![A-Za-z0-9_])")
                        .matcher(by)
                        .find())
                .isPresent();
    }

    /// The scope of a ticket whose quorums are met: what every vote that counts asked for.
    ///
    /// @return empty where votes asked for different ones, or one asked for none: one call is approved then
    static Optional<Scope> agreed(List<Hold> holds) {
        var scopes = holds.stream()
                .flatMap(hold -> hold.votes().stream())
                .map(Vote::scope)
                .distinct()
                .toList();
        return scopes.size() == 1 ? scopes.getFirst() : Optional.empty();
    }
}
