package dev.guardrail.pipeline;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.ProblemType;
import dev.guardrail.base.Sha256;
import dev.guardrail.call.CallId;
import dev.guardrail.call.Caller;
import dev.guardrail.call.SessionId;
import dev.guardrail.call.Subject;
import dev.guardrail.journal.CallRecord;
import dev.guardrail.journal.Change;
import dev.guardrail.journal.Document;
import dev.guardrail.journal.Journal;
import dev.guardrail.journal.Kind;
import dev.guardrail.registry.SessionRegistry;
import dev.guardrail.session.Session;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// Names agent, user and session from the verified credential, and answers a proposal that was already made under the
/// same idempotency key with that call's present state.
record Identify(Journal journal, Ownership ownership, Agents agents, Replies replies)
        implements Stage<Asked, Identified> {
    private static final Duration KEY_LIFE = Duration.ofHours(24);

    @Override
    public Step<Identified> apply(Asked asked) {
        if (asked.proposal().undoes().isPresent())
            return undoing(asked, asked.proposal().undoes().get());
        Optional<Keyed> keyed =
                asked.idempotencyKey().map(key -> keyed(asked.proposal().caller(), key));
        if (keyed.isPresent() && keyed.get().call().isPresent()) {
            if (!keyed.get().sameBody())
                return new Step.Done<>(new Reply.Broken(
                        ProblemType.CONFLICT, "this `Idempotency-Key` was used with another body; use a new key"));
            return new Step.Done<>(replies.present(keyed.get().call().get()));
        }
        SessionRegistry.Versioned session = asked.resumed().isPresent()
                ? ownership
                        .sessions()
                        .find(asked.resumed().get().call().session())
                        .orElseThrow(() -> Ownership.nothing("session", "of this call"))
                : ownership.sessionFor(
                        asked.proposal().caller(), asked.proposal().session());
        Session who = session.session();
        var subject = new Subject(who.agent(), agents.roles(who.agent()), who.user());
        return new Step.Next<>(new Identified(asked, subject, session, keyed.map(Keyed::change)));
    }

    /// Whoever takes a call back does so in that call's session, as the operator that they are.
    private Step<Identified> undoing(Asked asked, CallId undone) {
        Caller operator = asked.proposal().caller();
        if (operator.kind() != Caller.Kind.OPERATOR)
            throw new Refusal(
                    ProblemType.FORBIDDEN_ROUTE, "an undo is its operator's: undo the call again to go on with it");
        CallRecord call = CallRecord.of(Ownership.call(journal, undone).value());
        SessionRegistry.Versioned session = ownership
                .sessions()
                .find(call.session())
                .orElseThrow(() -> Ownership.nothing("session", "of this call"));
        return new Step.Next<>(new Identified(asked, Undoer.subject(operator), session, Optional.empty()));
    }

    /// What a key already stands for, and how to tie it to a new call.
    private record Keyed(Optional<CallRecord> call, boolean sameBody, Identified.KeyChange change) {}

    private Keyed keyed(Caller caller, Guard.IdempotencyKey key) {
        String id = journal.blind(
                        Sha256.of(JsonObject.with("kind", caller.kind().name())
                                .with("name", caller.name())
                                .with("session", caller.session().map(SessionId::value))
                                .with("user", caller.user())
                                .with("key", key.key())
                                .build()))
                .toString();
        String body = journal.blind(key.body()).toString();
        Instant now = journal.now();
        Optional<Document> known = journal.get(Kind.IDEMPOTENCY, id);
        Optional<Document> fresh = known.filter(document -> now.isBefore(
                Instant.parse(document.value().text("at").orElseThrow()).plus(KEY_LIFE)));
        Optional<CallRecord> call = fresh.flatMap(document -> document.value().text("call"))
                .flatMap(callId -> journal.get(Kind.CALL, callId))
                .map(document -> CallRecord.of(document.value()));
        boolean same = fresh.flatMap(document -> document.value().text("body"))
                .filter(body::equals)
                .isPresent();
        long version = known.map(Document::version).orElse(0L);
        return new Keyed(
                call,
                same,
                callId -> new Change.Put(
                        Kind.IDEMPOTENCY,
                        id,
                        version,
                        Document.Tags.NONE,
                        JsonObject.with("call", callId.value())
                                .with("body", body)
                                .with("at", now.toString())
                                .build()));
    }
}
