package dev.guardrail.pipeline;

import dev.guardrail.base.ProblemType;
import dev.guardrail.call.CallId;
import dev.guardrail.call.Caller;
import dev.guardrail.call.Purpose;
import dev.guardrail.call.SessionId;
import dev.guardrail.journal.CallRecord;
import dev.guardrail.journal.Document;
import dev.guardrail.journal.Journal;
import dev.guardrail.journal.Kind;
import dev.guardrail.registry.SessionRegistry;
import dev.guardrail.session.Session;
import java.util.Optional;

/// Which sessions a credential may propose in and see: its own, else there is nothing there.
record Ownership(SessionRegistry sessions) {

    /// The session that a proposal of this caller belongs to.
    ///
    /// @throws Refusal where it names none, or one that is not its own
    SessionRegistry.Versioned sessionFor(Caller caller, Optional<SessionId> named) {
        return switch (caller.kind()) {
            case OPERATOR ->
                throw new Refusal(
                        ProblemType.FORBIDDEN_ROUTE,
                        "an operator proposes no calls; use an agent's or a host's credential");
            case HOST ->
                owned(
                        caller,
                        named.orElseThrow(() -> new Refusal(
                                ProblemType.MALFORMED_CALL, "a host names the session that it opened; add `session`")));
            case AGENT ->
                caller.session().isPresent()
                        ? ofToken(caller.session().get(), named)
                        : named.isPresent()
                                ? owned(caller, named.get())
                                : sessions.implicit(caller.name(), caller.user());
        };
    }

    private SessionRegistry.Versioned ofToken(SessionId token, Optional<SessionId> named) {
        if (named.isPresent() && !named.get().equals(token))
            throw nothing("session", named.get().value());
        return sessions.find(token).orElseThrow(() -> nothing("session", token.value()));
    }

    private SessionRegistry.Versioned owned(Caller caller, SessionId id) {
        return sessions.find(id)
                .filter(found -> owns(caller, found.session()))
                .orElseThrow(() -> nothing("session", id.value()));
    }

    /// True where there is such a session, and its calls are the caller's to see and run.
    boolean owns(Caller caller, SessionId id) {
        return sessions.find(id).filter(found -> owns(caller, found.session())).isPresent();
    }

    /// True where calls of the session are the caller's to see and run.
    boolean owns(Caller caller, Session session) {
        return switch (caller.kind()) {
            case OPERATOR -> false;
            case HOST -> session.opener().equals("host:" + caller.name());
            case AGENT ->
                caller.session().isPresent()
                        ? caller.session().get().equals(session.id())
                        : session.agent().equals(caller.name()) && !session.hostOpened() && isFor(caller, session);
        };
    }

    /// Whoever came for a user has that user's sessions alone; an agent's own key has those of nobody in particular.
    private static boolean isFor(Caller caller, Session session) {
        return caller.user().equals(session.user());
    }

    /// @throws Refusal where there is no such call
    static Document call(Journal journal, CallId id) {
        return journal.get(Kind.CALL, id.value()).orElseThrow(() -> nothing("call", id.value()));
    }

    /// @throws Refusal where there is no such call, or it is not the caller's to see and run
    Document call(Journal journal, Caller caller, CallId id) {
        Document document = call(journal, id);
        CallRecord found = CallRecord.of(document.value());
        // What an operator takes back is nothing to the agent whose call that was.
        if (found.purpose() == Purpose.UNDO || !owns(caller, found.session())) throw nothing("call", id.value());
        return document;
    }

    static Refusal nothing(String what, String id) {
        return new Refusal(ProblemType.NOT_FOUND, "there is no " + what + " `" + id + "` here");
    }
}
