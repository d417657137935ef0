package dev.guardrail.approval;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.Sha256;
import dev.guardrail.policy.Quorum;
import dev.guardrail.policy.Rule;
import dev.guardrail.policy.RuleId;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// One rule that holds the call, with the votes it got so far.
///
/// @param digest of the rule as it held: a rule that says something else is not answered by these votes
/// @param confirm blinded digest of the text that an approver must type; empty where none is asked for
/// @param circles of people that were called in so far, of those that the quorum escalates to
/// @param votes of distinct people, oldest first
public record Hold(RuleId rule, Sha256 digest, Quorum quorum, Optional<Sha256> confirm, int circles, List<Vote> votes) {
    public Hold {
        votes = List.copyOf(votes);
    }

    /// A rule that has no vote yet.
    static Hold of(Rule rule, Optional<Sha256> confirm) {
        return new Hold(rule.id(), rule.digest(), rule.quorum().orElseThrow(), confirm, 0, List.of());
    }

    /// Who may approve by now, in the rule's forms.
    public List<String> approvers() {
        return Stream.concat(
                        quorum.approvers().stream(),
                        quorum.escalate().stream().limit(circles).flatMap(circle -> circle.to().stream()))
                .distinct()
                .toList();
    }

    /// The circle that is called in next; empty where all are.
    Optional<Quorum.Escalation> nextCircle() {
        return quorum.escalate().stream().skip(circles).findFirst();
    }

    /// True where this person's vote already counts here.
    public boolean hasVoteOf(String voter) {
        return votes.stream().anyMatch(vote -> vote.voter().equals(voter));
    }

    Hold with(List<Vote> some) {
        return new Hold(rule, digest, quorum, confirm, circles, some);
    }

    /// This hold with one circle more.
    Hold wider() {
        return new Hold(rule, digest, quorum, confirm, circles + 1, votes);
    }

    JsonObject json() {
        var json = JsonObject.with("rule", rule.value())
                .with("digest", digest.toString())
                .with("approvers", JsonArray.ofTexts(quorum.approvers()))
                .with("required", quorum.required())
                .with("distinctGroups", quorum.distinctGroups())
                .with("excludeRequester", quorum.excludeRequester())
                .with("expiresAfter", quorum.expiresAfter().toString())
                .with("validFor", quorum.validFor().toString())
                .with("confirmBy", quorum.confirm())
                .with("remember", quorum.remember().map(Duration::toString))
                .with("confirm", confirm.map(Sha256::toString))
                .with(
                        "votes",
                        new JsonArray(votes.stream().<Json>map(Vote::json).toList()));
        if (!quorum.escalate().isEmpty())
            json.with(
                            "escalate",
                            new JsonArray(quorum.escalate().stream()
                                    .<Json>map(Hold::json)
                                    .toList()))
                    .with("circles", circles);
        if (!quorum.channels().isEmpty()) json.with("notify", JsonArray.ofTexts(quorum.channels()));
        return json.build();
    }

    private static JsonObject json(Quorum.Escalation circle) {
        return JsonObject.with("after", circle.after().toString())
                .with("to", JsonArray.ofTexts(circle.to()))
                .build();
    }

    static Hold of(JsonObject json) {
        var quorum = new Quorum(
                json.array("approvers").orElseThrow().texts(),
                Math.toIntExact(json.integer("required").orElseThrow()),
                json.isTrue("distinctGroups"),
                json.isTrue("excludeRequester"),
                Duration.parse(json.text("expiresAfter").orElseThrow()),
                Duration.parse(json.text("validFor").orElseThrow()),
                json.text("confirmBy"),
                json.text("remember").map(Duration::parse),
                json.array("escalate").orElse(JsonArray.EMPTY).objects().stream()
                        .map(Hold::circle)
                        .toList(),
                json.array("notify").orElse(JsonArray.EMPTY).texts());
        return new Hold(
                new RuleId(json.text("rule").orElseThrow()),
                Sha256.parse(json.text("digest").orElseThrow()),
                quorum,
                json.text("confirm").map(Sha256::parse),
                Math.toIntExact(json.integer("circles").orElse(0)),
                json.array("votes").orElseThrow().objects().stream()
                        .map(Vote::of)
                        .toList());
    }

    private static Quorum.Escalation circle(JsonObject json) {
        return new Quorum.Escalation(
                Duration.parse(json.text("after").orElseThrow()),
                json.array("to").orElseThrow().texts());
    }
}
