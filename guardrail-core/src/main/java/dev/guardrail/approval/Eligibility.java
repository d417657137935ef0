package dev.guardrail.approval;

import dev.guardrail.call.Caller;
import dev.guardrail.policy.Quorum;
import java.util.Collection;
import java.util.Optional;
import java.util.stream.Stream;

/// Whether there are people at all who can meet a quorum, whoever asks.
public final class Eligibility {
    private Eligibility() {}

    /// True where enough of the operators have a vote. Whom a call is made for is not known before it is made, so a
    /// quorum that asks that user counts as one that can be met.
    public static boolean suffices(Quorum quorum, Collection<Caller> operators) {
        var forms = Stream.concat(
                        quorum.approvers().stream(), quorum.escalate().stream().flatMap(later -> later.to().stream()))
                .toList();
        if (forms.contains(Quorums.USER)) return true;
        var voters = operators.stream()
                .filter(operator -> Quorums.names(forms, operator, Optional.empty()))
                .toList();
        return Quorums.met(quorum, voters);
    }
}
