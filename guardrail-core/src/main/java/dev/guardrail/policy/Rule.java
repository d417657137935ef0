package dev.guardrail.policy;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.Sha256;
import dev.guardrail.call.Confinement;
import dev.guardrail.call.Risk;
import dev.guardrail.condition.Condition;
import dev.guardrail.condition.Expression;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// One rule of a policy set.
///
/// @param when [Condition#ALWAYS] where the rule has none
/// @param quorum who must agree; only a `require_approval` has one
/// @param set new arguments of a `modify`, by path (`args.limit`)
/// @param text author's words: `message` of a deny, `ask` of a clarify; may be empty
/// @param instead ways out that the author offers
/// @param delay least time between the permit that this rule gives or holds and the run; nothing for most
/// @param undoable what it permits or holds runs only where its undo is prepared (`undo: required`)
/// @param sandbox the profile under which what it permits or holds runs, or not at all
/// @param shadow evaluated and counted, but without any effect
/// @param source canonical form as read; [#digest] is taken over it
/// @param position `file:line`, for auditors
public record Rule(
        RuleId id,
        Effect effect,
        Match match,
        Condition when,
        Optional<Quorum> quorum,
        Map<String, Expression> set,
        String text,
        List<String> instead,
        Risk risk,
        Duration delay,
        boolean undoable,
        Optional<Confinement> sandbox,
        boolean shadow,
        JsonObject source,
        Sha256 digest,
        String position) {

    public Rule {
        set = Map.copyOf(set);
        instead = List.copyOf(instead);
        if ((effect == Effect.REQUIRE_APPROVAL) != quorum.isPresent())
            throw new IllegalArgumentException("exactly a require_approval has a quorum");
        if (!delay.isZero() && effect != Effect.ALLOW && effect != Effect.REQUIRE_APPROVAL)
            throw new IllegalArgumentException("only what permits or holds can delay");
        if (undoable && effect != Effect.ALLOW && effect != Effect.REQUIRE_APPROVAL)
            throw new IllegalArgumentException("only what permits or holds can ask for an undo");
        if (sandbox.isPresent() && effect != Effect.ALLOW && effect != Effect.REQUIRE_APPROVAL)
            throw new IllegalArgumentException("only what permits or holds can name a sandbox");
    }

    /// A rule that asks neither for an undo nor for a sandbox.
    public Rule(
            RuleId id,
            Effect effect,
            Match match,
            Condition when,
            Optional<Quorum> quorum,
            Map<String, Expression> set,
            String text,
            List<String> instead,
            Risk risk,
            Duration delay,
            boolean shadow,
            JsonObject source,
            Sha256 digest,
            String position) {
        this(
                id,
                effect,
                match,
                when,
                quorum,
                set,
                text,
                instead,
                risk,
                delay,
                false,
                Optional.empty(),
                shadow,
                source,
                digest,
                position);
    }

    /// A rule that delays nothing.
    public Rule(
            RuleId id,
            Effect effect,
            Match match,
            Condition when,
            Optional<Quorum> quorum,
            Map<String, Expression> set,
            String text,
            List<String> instead,
            Risk risk,
            boolean shadow,
            JsonObject source,
            Sha256 digest,
            String position) {
        this(
                id,
                effect,
                match,
                when,
                quorum,
                set,
                text,
                instead,
                risk,
                Duration.ZERO,
                false,
                Optional.empty(),
                shadow,
                source,
                digest,
                position);
    }

    /// Digest of what a rule says, without where it stands: an approval answers a rule of exactly this digest.
    public static Sha256 digest(Json source) {
        return Sha256.of(source);
    }

    @Override
    public String toString() {
        return id.value();
    }
}
