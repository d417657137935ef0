package dev.guardrail.server.door.mcp;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.Ticker;
import dev.guardrail.call.Caller;
import dev.guardrail.pipeline.Guard;
import dev.guardrail.pipeline.Reply;
import dev.guardrail.server.door.Callers;
import dev.guardrail.server.door.RefusalBook;
import dev.guardrail.server.problem.Faults;
import dev.guardrail.server.relay.Answer;
import dev.guardrail.server.relay.Era;
import dev.guardrail.server.relay.Relay;
import dev.guardrail.server.relay.Tracing;
import dev.guardrail.server.relay.Way;
import io.micrometer.core.instrument.MeterRegistry;
import io.micronaut.context.annotation.Requires;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Body;
import io.micronaut.http.annotation.Consumes;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Delete;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Post;
import io.micronaut.http.annotation.Produces;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Named;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// `/mcp/{server}`: what every message passes before it belongs to a conversation. Whoever gets here has shown a
/// credential; Host and Origin have been checked for every route. Long, because every gate of the route stands here in
/// the order in which it is passed.
@Controller("/mcp/{server}")
@Consumes(MediaType.ALL)
@Produces(MediaType.ALL)
@Requires(beans = {Guard.class, McpSettings.class})
public final class McpDoor {
    static final String SESSION = "Mcp-Session-Id";
    static final String VERSION = "MCP-Protocol-Version";
    private static final String LAST_EVENT = "Last-Event-ID";

    private static final byte[] NOTHING = {};
    private static final Logger LOG = LoggerFactory.getLogger(McpDoor.class);
    private static final Duration SWEEP = Duration.ofMinutes(1);

    private final McpSettings settings;
    private final McpSessions sessions;
    private final Relay relay;
    private final Conversation conversation;
    private final Stateless stateless;
    private final Refusals refusals;
    private final Tracing tracing;
    private final Pulse pulse = new Pulse();
    private final ExecutorService executor;

    /// @param random makes session ids, which must not be guessed
    /// @param executor runs what may block; a thread for each task
    /// @param relay the upstreams
    /// @param book keeps who was refused, and why
    /// @param connections hears of sessions that end; null where nobody needs to know
    /// @param traces null where requests go on as they came
    public McpDoor(
            Guard guard,
            Relay relay,
            McpSettings settings,
            SecureRandom random,
            Ticker ticker,
            InstantSource clock,
            MeterRegistry meters,
            RefusalBook book,
            @Named(TaskExecutors.BLOCKING) ExecutorService executor,
            @Nullable ConnectionEnd connections,
            @Nullable Tracing traces) {
        this.settings = settings;
        this.executor = executor;
        var counts = new WireCounts(meters);
        this.refusals = new Refusals(counts, settings.servers(), book);
        this.tracing = traces == null ? Tracing.NOTHING : traces;
        this.sessions =
                new McpSessions(settings, random, ticker, connections == null ? connection -> {} : connections::ended);
        this.relay = relay;
        var calls = new ToolCalls(guard, settings, pulse, executor);
        var seal = new StateSeal(random, ticker);
        var ladder = new Ladder(seal, clock);
        var inputs = new Inputs(guard, settings, seal);
        var traffic = new Traffic(guard, settings, relay, calls, ladder, inputs, this::shown, sessions::newId, counts);
        this.conversation = new Conversation(guard, settings, relay, traffic, tracing, sessions::newId, executor);
        this.stateless = new Stateless(guard, relay, traffic, inputs, tracing, settings.sessions());
        pulse.every(SWEEP, () -> executor.execute(sessions::sweep));
    }

    /// Tells every client of a server that listens that its tools are others now.
    public void toolsChanged(String server) {
        sessions.tell(server, Rpc.notification("notifications/tools/list_changed", JsonObject.EMPTY));
    }

    private boolean shown(Asked asked, Reply.Held held) {
        return asked.way() instanceof Way.Session(String connection)
                && sessions.connected(connection)
                        .filter(session -> conversation.shown(asked, session, held))
                        .isPresent();
    }

    /// Takes one message. The answer comes as JSON, or as events where it takes long and the client takes them.
    @Post
    public CompletableFuture<HttpResponse<?>> post(
            HttpRequest<?> request, String server, @Body @io.micronaut.core.annotation.Nullable byte[] body) {
        Caller caller = Callers.of(request);
        var exchange = new Exchange(Accepts.of(request), pulse, settings.beat(), new Channel(sessions.newId(), true));
        var arrival = new Arrival(request, server, caller);
        byte[] sent = body == null ? NOTHING : body;
        exchange.refusedTo(fault -> refusals.note(arrival, sent, fault));
        executor.execute(() -> take(arrival, sent, exchange));
        return exchange.response();
    }

    /// The stream on which a client hears what belongs to no request, one for each session; or one that it comes back
    /// to.
    @Get
    @ExecuteOn(TaskExecutors.BLOCKING)
    public HttpResponse<?> listen(HttpRequest<?> request, String server) {
        var arrival = new Arrival(request, server, Callers.of(request));
        Optional<Message.Malformed> refused =
                unfit(arrival).or(() -> streamless(arrival)).or(() -> unspoken(arrival));
        if (refused.isEmpty() && !Accepts.of(request).events())
            refused = malformed(Fault.NOT_ACCEPTABLE, "a client that listens takes text/event-stream");
        if (refused.isPresent()) return refused(arrival, refused.get());
        return switch (session(arrival)) {
            case Found.Refused(Message.Malformed why) -> refused(arrival, why);
            case Found.Session(McpSession session) -> listen(arrival, session);
        };
    }

    private HttpResponse<?> listen(Arrival arrival, McpSession session) {
        var after = arrival.all(LAST_EVENT).stream()
                .findFirst()
                .flatMap(id -> Optional.ofNullable(Channel.EventId.parse(id)));
        if (after.isPresent() && sessions.isForeign(after.get().channel(), arrival.caller()))
            return refused(arrival, new Message.Malformed(Fault.FOREIGN_EVENT, "no such event of this session"));
        var stream = new EventStream(pulse, settings.beat());
        var resumed = after.flatMap(event -> session.channel(event.channel()));
        if (resumed.isPresent() && resumed.get() != session.standing()) {
            stream.gone().thenAccept(reason -> session.gone(resumed.get(), stream, reason));
            resumed.get().resume(stream, after.get().number());
            return stream.response();
        }
        stream.gone().thenRun(() -> {
            if (session.listensNoMore(stream))
                executor.execute(() -> relay.deafen(session.server(), session.connection()));
        });
        var number = resumed.isPresent() ? OptionalLong.of(after.get().number()) : OptionalLong.empty();
        if (!session.listen(stream, number)) stream.close();
        else executor.execute(() -> relay.listen(session.server(), session.connection()));
        return stream.response();
    }

    /// The second era has no streams but those of its requests, and no sessions to end.
    private static Optional<Message.Malformed> streamless(Arrival arrival) {
        return arrival.all(VERSION).contains(Era.REVISION)
                ? malformed(Fault.NO_STREAM, "this revision has neither streams of their own nor sessions")
                : Optional.empty();
    }

    /// Ends a session; whoever still waits in it has left.
    @Delete
    @ExecuteOn(TaskExecutors.BLOCKING)
    public HttpResponse<?> end(HttpRequest<?> request, String server) {
        var arrival = new Arrival(request, server, Callers.of(request));
        Optional<Message.Malformed> refused =
                unfit(arrival).or(() -> streamless(arrival)).or(() -> unspoken(arrival));
        if (refused.isPresent()) return refused(arrival, refused.get());
        return switch (session(arrival)) {
            case Found.Refused(Message.Malformed why) -> refused(arrival, why);
            case Found.Session(McpSession session) -> {
                sessions.end(session);
                yield HttpResponse.noContent();
            }
        };
    }

    @PreDestroy
    void close() {
        sessions.endAll();
        pulse.close();
    }

    /// A request with what its filters found out.
    record Arrival(HttpRequest<?> request, String server, Caller caller) {
        /// Of this guard, as the client reached it; the name was checked before.
        String address() {
            String host = request.getHeaders().get(HttpHeaders.HOST);
            return (request.isSecure() ? "https://" : "http://") + (host == null ? "" : host);
        }

        List<String> all(String header) {
            return request.getHeaders().getAll(header);
        }

        /// A message of it, as its trace is told.
        Tracing.Inbound inbound(Message.Request message, Way way) {
            JsonObject params = message.params();
            Optional<String> revision =
                    Era.revision(params).or(() -> all(VERSION).stream().findFirst());
            return new Tracing.Inbound(
                    server, way, message.method(), message.id().json(), params, revision, this::all);
        }
    }

    /// Where a message belongs.
    private sealed interface Found {
        record Session(McpSession session) implements Found {}

        record Refused(Message.Malformed why) implements Found {}
    }

    private void take(Arrival arrival, byte[] body, Exchange exchange) {
        try {
            Optional<Message.Malformed> refused = unfit(arrival).or(() -> unreadable(arrival));
            Message message =
                    refused.<Message>map(why -> why).orElseGet(() -> MessageReader.read(body, settings.message()));
            take(arrival, message, exchange);
        } catch (Throwable broken) {
            LOG.error("a message could not be taken: {}", Faults.trace(broken));
            refuse(exchange, new Message.Malformed(Fault.INTERNAL, "the guard failed; nothing was run"));
        }
    }

    private void take(Arrival arrival, Message message, Exchange exchange) {
        boolean modern = Stateless.isModern(arrival.all(VERSION), message);
        Optional<Message.Malformed> unspoken = modern ? Optional.empty() : unspoken(arrival);
        switch (unspoken.<Message>map(why -> why).orElse(message)) {
            case Message.Malformed malformed -> refuse(exchange, malformed);
            case Message.Request request when modern -> stateless.answer(arrival, request, exchange);
            case Message.Notification notification when modern -> exchange.accepted();
            case Message.Response response
            when modern ->
                refuse(exchange, new Message.Malformed(Fault.ENVELOPE, "a client of this revision sends no responses"));
            case Message.Request request
            when request.method().equals("initialize") -> initialize(arrival, request, exchange);
            case Message.Request request -> {
                switch (session(arrival)) {
                    case Found.Refused(Message.Malformed why) -> refuse(exchange, why);
                    case Found.Session(McpSession session) -> conversation.answer(request, arrival, session, exchange);
                }
            }
            case Message.Notification notification -> {
                switch (session(arrival)) {
                    case Found.Refused(Message.Malformed why) -> refuse(exchange, why);
                    case Found.Session(McpSession session) -> {
                        conversation.take(notification, session);
                        exchange.accepted();
                    }
                }
            }
            case Message.Response response -> {
                switch (session(arrival)) {
                    case Found.Refused(Message.Malformed why) -> refuse(exchange, why);
                    case Found.Session(McpSession session) -> {
                        if (!session.questions().answered(response)) exchange.refused(Fault.STRAY_RESPONSE);
                        exchange.accepted();
                    }
                }
            }
        }
    }

    private void initialize(Arrival arrival, Message.Request request, Exchange exchange) {
        if (!arrival.all(SESSION).isEmpty()) {
            refuse(
                    exchange,
                    session(arrival) instanceof Found.Refused(Message.Malformed why)
                            ? why
                            : new Message.Malformed(Fault.ENVELOPE, "the session is initialized already"));
            return;
        }
        Optional<McpSession> session = sessions.open(arrival.caller(), arrival.server());
        if (session.isEmpty()) {
            refuse(exchange, new Message.Malformed(Fault.OVERLOADED, "too many sessions are in use; try again later"));
            return;
        }
        boolean greeted = false;
        Answer answer;
        try {
            var way = new Way.Session(session.get().connection());
            answer = tracing.traced(
                    arrival.inbound(request, way),
                    params -> conversation.greeting(arrival.caller(), session.get(), params),
                    Tracing.Ending::of);
            greeted = answer instanceof Answer.Result;
        } finally {
            if (!greeted) sessions.end(session.get());
        }
        switch (answer) {
            case Answer.Result(Json greeting) -> {
                exchange.inSession(session.get().id());
                exchange.answer(Rpc.result(request.id(), greeting));
            }
            case Answer.Failure(JsonObject error, int status, boolean named) ->
                exchange.answer(status, named ? Rpc.error(request.id(), error) : Rpc.unnamed(error));
            case Answer.Missing(var type, String detail, boolean gone) ->
                exchange.answer(Rpc.broken(request.id(), type, detail));
        }
    }

    /// What is wrong with a request whatever its message says.
    private Optional<Message.Malformed> unfit(Arrival arrival) {
        if (!settings.servers().contains(arrival.server()))
            return malformed(Fault.UNKNOWN_SERVER, "no such server is configured");
        if (arrival.caller().kind() != Caller.Kind.AGENT)
            return malformed(Fault.WRONG_CREDENTIAL, "only an agent's key or a session token opens this route");
        return Optional.empty();
    }

    /// Without the header 2025-03-26 is assumed, which is spoken.
    private static Optional<Message.Malformed> unspoken(Arrival arrival) {
        List<String> versions = arrival.all(VERSION);
        if (versions.size() <= 1 && Era.LEGACY_REVISIONS.containsAll(versions)) return Optional.empty();
        return malformed(
                Fault.PROTOCOL_VERSION,
                "unsupported protocol version; supported are " + Era.REVISION + ", "
                        + String.join(", ", Era.LEGACY_REVISIONS));
    }

    private static Optional<Message.Malformed> unreadable(Arrival arrival) {
        if (Accepts.of(arrival.request()).nothing())
            return malformed(Fault.NOT_ACCEPTABLE, "a client takes application/json, text/event-stream or both");
        boolean json = arrival.request()
                .getContentType()
                .filter(type -> type.getName().equalsIgnoreCase(MediaType.APPLICATION_JSON))
                .isPresent();
        return json ? Optional.empty() : malformed(Fault.CONTENT_TYPE, "a message is sent as application/json");
    }

    private Found session(Arrival arrival) {
        List<String> ids = arrival.all(SESSION);
        if (ids.size() != 1)
            return new Found.Refused(
                    new Message.Malformed(Fault.NO_SESSION, "the `Mcp-Session-Id` of `initialize` is missing"));
        String id = ids.getFirst();
        return sessions.find(id, arrival.caller(), arrival.server())
                .<Found>map(Found.Session::new)
                .orElseGet(() -> new Found.Refused(new Message.Malformed(
                        sessions.isKnown(id) ? Fault.FOREIGN_SESSION : Fault.UNKNOWN_SESSION,
                        "no such session; initialize again")));
    }

    private static Optional<Message.Malformed> malformed(Fault fault, String detail) {
        return Optional.of(new Message.Malformed(fault, detail));
    }

    private void refuse(Exchange exchange, Message.Malformed why) {
        exchange.refused(why.fault());
        exchange.answer(why.fault().status(), Rpc.refusal(why.fault(), why.detail()));
    }

    private HttpResponse<?> refused(Arrival arrival, Message.Malformed why) {
        refusals.note(arrival, NOTHING, why.fault());
        return Exchange.json(why.fault().status(), Rpc.refusal(why.fault(), why.detail()));
    }
}
