package dev.guardrail.server.door.http;

import dev.guardrail.approval.ApprovalDesk;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.MalformedJson;
import dev.guardrail.base.ProblemType;
import dev.guardrail.call.Caller;
import dev.guardrail.call.SessionId;
import dev.guardrail.outbox.Outbox;
import dev.guardrail.pipeline.Refusal;
import dev.guardrail.registry.SessionRegistry;
import dev.guardrail.server.door.Callers;
import dev.guardrail.server.door.SessionMoves;
import dev.guardrail.session.Session;
import io.micronaut.context.annotation.Requires;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Consumes;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Post;
import io.micronaut.http.annotation.Produces;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/// `/v1/sessions`: hosts and agents open them, hosts tell what the user said, operators pause, resume and end them.
@Controller("/v1/sessions")
@Consumes(MediaType.ALL)
@Produces(MediaType.ALL)
@ExecuteOn(TaskExecutors.BLOCKING)
@Requires(beans = SessionRegistry.class)
final class SessionsDoor {
    private final SessionRegistry sessions;
    private final SessionMoves moves;
    private final DoorSettings settings;

    SessionsDoor(SessionRegistry sessions, ApprovalDesk desk, Outbox outbox, DoorSettings settings) {
        this.sessions = sessions;
        this.moves = new SessionMoves(sessions, desk, outbox);
        this.settings = settings;
    }

    @Post
    HttpResponse<?> open(HttpRequest<byte[]> request) {
        return Answers.answered(() -> {
            Caller caller = Callers.of(request);
            var body = RequestBody.read(request, settings.body(), "agent", "user", "task", "parent");
            Optional<Session> parent = parent(caller, body);
            var opened = sessions.open(
                    (caller.kind() == Caller.Kind.HOST ? "host:" : "agent:") + caller.name(),
                    agent(caller, body, parent),
                    user(caller, body, parent),
                    body.text("task").orElse(""),
                    parent.map(Session::id));
            return Answers.json(
                    201,
                    JsonObject.with("session", opened.session().id().value())
                            .with("token", opened.token())
                            .with("expiresAt", opened.session().expires().map(Instant::toString))
                            .build());
        });
    }

    /// The session that this one is a child of: a token's own, or one that the caller may name. Whoever holds a token
    /// opens children of its session alone, so that no restriction is left behind.
    private Optional<Session> parent(Caller caller, RequestBody body) {
        Optional<SessionId> named = body.text("parent").map(SessionId::new);
        Optional<SessionId> id = caller.session().isPresent() ? caller.session() : named;
        if (id.isEmpty()) return Optional.empty();
        Session parent = sessions.find(id.get())
                .map(SessionRegistry.Versioned::session)
                .filter(found -> named.isEmpty() || named.get().equals(found.id()))
                .filter(found -> isOwn(caller, found))
                .orElseThrow(() -> nothing(named.orElse(id.get())));
        if (parent.state() != Session.State.ACTIVE)
            throw new Refusal(
                    ProblemType.CONFLICT,
                    "the parent session is " + parent.state().text() + "; open one without it");
        return Optional.of(parent);
    }

    private static boolean isOwn(Caller caller, Session session) {
        return switch (caller.kind()) {
            case OPERATOR -> false;
            case HOST -> session.opener().equals("host:" + caller.name());
            case AGENT ->
                caller.session().isPresent()
                        ? caller.session().get().equals(session.id())
                        : session.agent().equals(caller.name())
                                && !session.hostOpened()
                                && caller.user().equals(session.user());
        };
    }

    private static String agent(Caller caller, RequestBody body, Optional<Session> parent) {
        Optional<String> named = body.text("agent");
        if (caller.kind() == Caller.Kind.AGENT) {
            if (named.isPresent() && !named.get().equals(caller.name()))
                throw new Refusal(
                        ProblemType.NOT_ELIGIBLE, "an agent opens sessions for itself alone; leave `agent` out");
            return caller.name();
        }
        String agent = named.or(() -> parent.map(Session::agent))
                .or(() -> caller.agents().size() == 1 ? caller.agents().stream().findFirst() : Optional.empty())
                .orElse(caller.name());
        if (!caller.agents().contains(agent))
            throw new Refusal(
                    ProblemType.NOT_ELIGIBLE,
                    "this host does not run the agent `" + agent + "`; name one of its own in `agent`");
        return agent;
    }

    private static Optional<String> user(Caller caller, RequestBody body, Optional<Session> parent) {
        Optional<String> named = body.text("user");
        if (caller.kind() == Caller.Kind.AGENT && named.isPresent())
            throw new Refusal(ProblemType.NOT_ELIGIBLE, "only a host says who the user is; leave `user` out");
        Optional<String> inherited = parent.flatMap(Session::user);
        if (parent.isPresent() && named.isPresent() && !named.equals(inherited))
            throw new Refusal(ProblemType.CONFLICT, "a child session is for its parent's user; leave `user` out");
        return parent.isPresent() ? inherited : named.or(caller::user);
    }

    @Post("/{id}/messages")
    HttpResponse<?> message(HttpRequest<byte[]> request, String id) {
        return Answers.answered(() -> {
            Caller caller = Callers.of(request);
            var body = RequestBody.read(request, settings.body(), "role", "text");
            if (!body.requiredText("role").equals("user"))
                throw new MalformedJson("`role` is `user`: only what the user said is kept");
            String text = body.requiredText("text");
            Session session = find(id).filter(found -> isOwn(caller, found)).orElseThrow(() -> nothing(id));
            refuseEnded(session);
            sessions.message(session.id(), "host:" + caller.name(), text);
            return HttpResponse.status(io.micronaut.http.HttpStatus.NO_CONTENT);
        });
    }

    @Post("/{id}/pause")
    HttpResponse<?> pause(HttpRequest<byte[]> request, String id) {
        return move(request, id, Session.State.PAUSED);
    }

    @Post("/{id}/resume")
    HttpResponse<?> resume(HttpRequest<byte[]> request, String id) {
        return move(request, id, Session.State.ACTIVE);
    }

    @Post("/{id}/end")
    HttpResponse<?> end(HttpRequest<byte[]> request, String id) {
        return move(request, id, Session.State.ENDED);
    }

    private HttpResponse<?> move(HttpRequest<byte[]> request, String id, Session.State next) {
        return Answers.answered(() -> {
            Caller caller = Callers.of(request);
            RequestBody.read(request, settings.body());
            Session session = moves.move(new SessionId(id), caller.name(), next);
            return Answers.json(200, json(session));
        });
    }

    private static void refuseEnded(Session session) {
        if (session.state() == Session.State.ENDED)
            throw new Refusal(ProblemType.CONFLICT, "the session has ended; open another one");
    }

    @Get("/{id}")
    HttpResponse<?> show(HttpRequest<?> request, String id) {
        return Answers.answered(() -> Answers.json(200, json(find(id).orElseThrow(() -> nothing(id)))));
    }

    @Get
    HttpResponse<?> list(HttpRequest<?> request) {
        return Answers.answered(() -> {
            var query = new Query(request);
            List<Session> page = sessions.list(query.after(), query.limit());
            Optional<String> next = page.size() < query.limit()
                    ? Optional.empty()
                    : Optional.of(page.getLast().id().value());
            return Answers.page(page.stream().map(SessionsDoor::json).toList(), next);
        });
    }

    private Optional<Session> find(String id) {
        return sessions.find(new SessionId(id)).map(SessionRegistry.Versioned::session);
    }

    private static Refusal nothing(Object id) {
        return new Refusal(ProblemType.NOT_FOUND, "there is no session `" + id + "` here");
    }

    private static JsonObject json(Session session) {
        return JsonObject.with("id", session.id().value())
                .with("agent", session.agent())
                .with("user", session.user())
                .with("openedBy", session.opener())
                .with("parent", session.parent().map(SessionId::value))
                .with("state", session.state().text())
                .with("messages", session.messages())
                .with("taints", JsonArray.ofTexts(new TreeSet<>(session.taints())))
                .with("irreversible", session.irreversible())
                .with("seen", JsonArray.ofTexts(new TreeSet<>(session.seen())))
                .with("openedAt", session.openedAt().toString())
                .with("expiresAt", session.expires().map(Instant::toString))
                .build();
    }
}
