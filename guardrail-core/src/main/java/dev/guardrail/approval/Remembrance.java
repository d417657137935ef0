package dev.guardrail.approval;

import dev.guardrail.base.JsonObject;
import dev.guardrail.call.ToolName;
import dev.guardrail.journal.Journal;
import dev.guardrail.pack.Durations;
import dev.guardrail.policy.Quorum;
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

    private static final String PLAN = "a plan says itself how far it reaches; leave `scope` out";

    private Remembrance() {}

    /// The longest that every rule which holds the call lets an approval of it be remembered.
    ///
    /// @return empty where one of them never does
    static Optional<Duration> longest(Ticket ticket) {
        return ticket.tool().equals(ToolName.PLAN)
                ? Optional.empty()
                : longest(ticket.holds().stream().map(Hold::quorum).toList());
    }

    private static Optional<Duration> longest(List<Quorum> quorums) {
        if (quorums.stream().anyMatch(quorum -> quorum.remember().isEmpty())) return Optional.empty();
        return quorums.stream().flatMap(quorum -> quorum.remember().stream()).min(Duration::compareTo);
    }

    /// Why a held call cannot be part of a plan as it is written; one lower-case sentence.
    ///
    /// @param asked how long the plan wants its calls to be allowed; empty for as long as usual
    static Optional<String> objection(PlannedCall call, Optional<Duration> asked) {
        List<Quorum> quorums =
                call.holds().stream().flatMap(hold -> hold.quorum().stream()).toList();
        Optional<Duration> longest = longest(quorums);
        if (longest.isEmpty()) return Optional.of("a rule that holds it has people asked for each such call alone");
        if (asked.filter(life -> life.compareTo(longest.get()) > 0).isPresent())
            return Optional.of("the rules that hold it let it be planned for at most `" + Durations.text(longest.get())
                    + "`; say less in `for`");
        return objection(quorums, call.scope().reach(), call.request().action().arguments());
    }

    /// How long held calls may run once their plan is approved, where it does not say.
    static Duration usual(List<PlannedCall> calls) {
        return calls.stream()
                .flatMap(call -> call.holds().stream())
                .flatMap(hold -> hold.quorum().stream())
                .flatMap(quorum -> quorum.remember().stream())
                .reduce(Plan.LIFE, (one, other) -> one.compareTo(other) <= 0 ? one : other);
    }

    /// Why an approval of a held call may not reach as far as somebody wants; one lower-case sentence.
    static Optional<String> objection(Journal journal, Ticket ticket, ScopedCall wanted) {
        if (ticket.tool().equals(ToolName.PLAN)) return Optional.of(PLAN);
        Optional<Duration> longest = longest(ticket);
        if (longest.isEmpty()) return Optional.of(NEVER);
        if (wanted.scope().life().compareTo(longest.get()) > 0)
            return Optional.of("the rules that hold the call let an approval be remembered for at most `"
                    + Durations.text(longest.get()) + "`");
        if (!journal.blind(wanted.request().fingerprint()).equals(ticket.binding()))
            return Optional.of("the call's tool, or a file that it names, is not as it was when the call was held;"
                    + " approve this one call alone, or none");
        return objection(
                ticket.holds().stream().map(Hold::quorum).toList(),
                wanted.scope().reach(),
                wanted.request().action().arguments());
    }

    private static Optional<String> objection(List<Quorum> quorums, Reach reach, JsonObject arguments) {
        for (String name : reach.free())
            if (!arguments.has(name)) return Optional.of("the call has no argument `" + name + "`");
        for (String name : reach.vary())
            if (quorums.stream().anyMatch(quorum -> isTyped(quorum, name)))
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
    private static boolean isTyped(Quorum quorum, String name) {
        return quorum.confirm()
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
