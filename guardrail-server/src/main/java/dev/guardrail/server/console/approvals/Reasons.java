package dev.guardrail.server.console.approvals;

import dev.guardrail.approval.Hold;
import dev.guardrail.approval.Ticket;
import dev.guardrail.approval.Vote;
import dev.guardrail.base.Json;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.call.Caller;
import dev.guardrail.pack.Durations;
import dev.guardrail.policy.Rule;
import dev.guardrail.server.console.Bit;
import dev.guardrail.server.console.KeyRing;
import dev.guardrail.server.console.Visit;
import dev.guardrail.server.door.Policies;
import dev.guardrail.server.sheet.Legible;
import io.micronaut.context.annotation.Requires;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// Why a call waits: the rules that hold it, whom they ask and, for those who may see it, where they stand, what they
/// say and what they saw.
@Singleton
@Requires(beans = KeyRing.class)
final class Reasons {
    private static final Pattern ARGUMENT =
            Pattern.compile("(?<![A-Za-z0-9_.])args((?:\\.[A-Za-z_][A-Za-z0-9_]*)+)(?!\\()");
    private static final int LONGEST = 120;

    private final Policies policies;

    Reasons(Policies policies) {
        this.policies = policies;
    }

    List<Detail.Hold> of(Visit visit, Ticket ticket, Optional<Json> arguments) {
        return ticket.holds().stream().map(hold -> hold(visit, hold, arguments)).toList();
    }

    private Detail.Hold hold(Visit visit, Hold hold, Optional<Json> arguments) {
        // A rule that says something else by now does not explain why the call waits.
        Optional<Rule> rule = policies.inForce().hold(hold.digest()).filter(found -> visit.seesSources());
        String condition = rule.flatMap(found -> found.source().text("when")).orElse("");
        return new Detail.Hold(
                hold.rule().value(),
                String.join(", ", hold.approvers()),
                hold.votes().size(),
                hold.quorum().required(),
                hold.quorum().distinctGroups(),
                hold.quorum().confirm().orElse(""),
                hold.votes().stream().map(vote -> voter(visit, vote)).toList(),
                escalation(hold),
                rule.map(Rule::position).orElse(""),
                condition,
                saw(condition, arguments));
    }

    private static Detail.Voter voter(Visit visit, Vote vote) {
        var initials = new Visit("", named(vote.voter()), "", false).initials();
        return new Detail.Voter(
                vote.voter(), vote.at().toString(), initials, vote.voter().equals(visit.name()));
    }

    private static Caller named(String name) {
        return new Caller(Caller.Kind.OPERATOR, name, Set.of(), Set.of(), Set.of(), Optional.empty());
    }

    private static String escalation(Hold hold) {
        return hold.quorum().escalate().stream()
                .skip(hold.circles())
                .findFirst()
                .map(next -> Durations.text(next.after()) + " after it was held, " + String.join(", ", next.to())
                        + " may decide, too.")
                .orElse("");
    }

    /// The arguments that a condition names, as the call has them.
    private static List<Detail.Seen> saw(String condition, Optional<Json> arguments) {
        var names = new LinkedHashSet<String>();
        var matcher = ARGUMENT.matcher(condition);
        while (matcher.find()) names.add(matcher.group(1).substring(1));
        var seen = new ArrayList<Detail.Seen>();
        for (String name : names)
            seen.add(new Detail.Seen(
                    "args." + name,
                    Bit.of(find(arguments, name).map(Reasons::shown).orElse("nothing"))));
        return seen;
    }

    private static Optional<Json> find(Optional<Json> arguments, String path) {
        Optional<Json> at = arguments;
        for (String name : path.split("\\."))
            at = at.flatMap(value -> value instanceof JsonObject object ? object.get(name) : Optional.empty());
        return at;
    }

    private static String shown(Json value) {
        if (value instanceof JsonObject object)
            return "an object of " + object.members().size();
        if (value instanceof JsonArray array)
            return "a list of " + array.items().size();
        String line = Legible.line(value.toString());
        return line.codePointCount(0, line.length()) <= LONGEST ? line : "a text of " + line.length() + " characters";
    }
}
