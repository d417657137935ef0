package dev.guardrail.server.door;

import dev.guardrail.approval.ApprovalDesk;
import dev.guardrail.base.ProblemType;
import dev.guardrail.call.SessionId;
import dev.guardrail.outbox.Outbox;
import dev.guardrail.pipeline.Refusal;
import dev.guardrail.registry.SessionRegistry;
import dev.guardrail.session.Session;
import java.util.Optional;

/// How operators pause sessions, let them go on, and end them.
public record SessionMoves(SessionRegistry sessions, ApprovalDesk desk, Outbox outbox) {
    /// @param operator whose decision it is
    /// @throws Refusal where there is no such session, or it has ended and is to be something else
    public Session move(SessionId id, String operator, Session.State next) {
        String by = "operator:" + operator;
        Session before = find(id).orElseThrow(() -> nothing(id));
        if (next != Session.State.ENDED && before.state() == Session.State.ENDED)
            throw new Refusal(ProblemType.CONFLICT, "the session has ended; open another one");
        Session session = sessions.move(id, by, next).orElseThrow(() -> nothing(id));
        // A crash in between leaves holds and queued calls of an ended session: they are refused when they are due.
        if (next == Session.State.ENDED) {
            desk.cancelAll(id, "session_ended");
            outbox.cancelWhere(call -> call.session().equals(id), "session_ended", by);
        }
        return session;
    }

    private Optional<Session> find(SessionId id) {
        return sessions.find(id).map(SessionRegistry.Versioned::session);
    }

    private static Refusal nothing(SessionId id) {
        return new Refusal(ProblemType.NOT_FOUND, "there is no session `" + id + "` here");
    }
}
