package dev.guardrail.server.upstream;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonNumber;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import dev.guardrail.base.JsonWriter;
import dev.guardrail.base.MalformedJson;
import dev.guardrail.base.StrictJson;
import dev.guardrail.base.Ticker;
import dev.guardrail.server.relay.Answer;
import dev.guardrail.server.relay.Era;
import dev.guardrail.server.relay.Line;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Our side of JSON-RPC 2.0 with one server. Every request has an unguessable id of ours; a reply counts once and
/// only for an id that waits. What the server says beside its answers goes down the line of the request that it belongs
/// to, else down the standing one; of what it asks, `ping` is answered here. Long, because what may be believed of a
/// message is decided in one place.
final class Peer implements Inbox {
    private static final int ID_BYTES = 16;
    private static final int ASKED = 256;

    /// Names and members are bounded by the bytes of the message alone: results are passed on, not judged.
    private static final StrictJson.Limits ANSWERS =
            new StrictJson.Limits(0, 256, Integer.MAX_VALUE, 0, Integer.MAX_VALUE).forAnswers();

    private final StrictJson.Limits limits;
    private final RandomGenerator random;
    private final Ticker ticker;
    private final Drops drops;
    private final Line standing;
    private final Runnable listChanged;
    private final Map<String, Exchange> pending = new ConcurrentHashMap<>();

    /// What the server asked and has no answer yet, by its id: takes the question back.
    private final Map<Json, Consumer<String>> asked = new ConcurrentHashMap<>();

    private volatile @Nullable Wire wire;
    private volatile @Nullable String closed;

    /// @param messageBytes largest message that is read
    /// @param standing takes what belongs to no request
    /// @param listChanged told when the server says that its tools changed; it must not block
    Peer(int messageBytes, RandomGenerator random, Ticker ticker, Drops drops, Line standing, Runnable listChanged) {
        this.limits = ANSWERS.withBytes(messageBytes);
        this.random = random;
        this.ticker = ticker;
        this.drops = drops;
        this.standing = standing;
        this.listChanged = listChanged;
    }

    /// A question to the server.
    ///
    /// @param params made from the request's id, for those that carry it as a token
    /// @param headers that go with it
    /// @param line hears what the server says beside its answer
    record Question(
            String method, Function<String, JsonObject> params, Map<String, String> headers, Line line, Era era) {

        /// One of our own, of the first era.
        static Question of(String method, JsonObject params) {
            return new Question(method, id -> params, Map.of(), Exchange.Nobody.LINE, Era.LEGACY);
        }
    }

    /// Names the wire, once, before anything is asked.
    void connect(Wire wire) {
        this.wire = wire;
    }

    Wire wire() {
        var connected = wire;
        if (connected == null) throw new IllegalStateException("not connected");
        return connected;
    }

    /// Asks something.
    Exchange ask(Question question) {
        String id = id();
        var exchange = new Exchange(this, id, ticker, question);
        pending.put(id, exchange);
        String how = closed;
        byte[] message = message(
                JsonObject.with("id", id), question.method(), question.params().apply(id));
        if (how != null) failed(id, Wire.Fault.UNSENT, how);
        else wire().send(new Wire.Parcel(id, message, question.headers(), question.era()));
        return exchange;
    }

    void notify(String method, JsonObject params) {
        wire().send(new Wire.Parcel(null, message(JsonObject.builder(), method, params)));
    }

    /// Tells the server that nobody waits for a request any more (MCP 2025-11-25, basic/utilities/cancellation).
    void cancel(String id, Era era, String reason) {
        if (era == Era.MODERN && wire().closesToCancel()) return;
        notify(
                "notifications/cancelled",
                JsonObject.with("requestId", id).with("reason", reason).build());
    }

    boolean withdraw(String id) {
        return wire().withdraw(id);
    }

    void abandon(String id) {
        wire().abandon(id);
    }

    void forget(String id) {
        pending.remove(id);
    }

    private String id() {
        byte[] bytes = new byte[ID_BYTES];
        random.nextBytes(bytes);
        return "g" + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static byte[] message(JsonObject.Builder envelope, String method, JsonObject params) {
        var message = JsonObject.with("jsonrpc", "2.0")
                .withAll(envelope.build().members())
                .with("method", method);
        if (!params.members().isEmpty()) message.with("params", params);
        return JsonWriter.bytes(message.build());
    }

    @Override
    public void message(byte[] json, Origin origin) {
        Optional<JsonObject> message = read(json);
        if (message.isEmpty() || !message.get().text("jsonrpc").equals(Optional.of("2.0"))) garbage(json);
        else if (message.get().has("method")) heard(message.get(), json, origin);
        else answered(message.get(), json);
    }

    private Optional<JsonObject> read(byte[] json) {
        try {
            return StrictJson.parse(json, limits) instanceof JsonObject object ? Optional.of(object) : Optional.empty();
        } catch (MalformedJson malformed) {
            return Optional.empty();
        }
    }

    private void answered(JsonObject message, byte[] json) {
        var result = message.get("result");
        var error = message.object("error");
        if (result.isPresent() == error.isPresent() || message.has("error") != error.isPresent()) {
            garbage(json);
            return;
        }
        var exchange = message.text("id").map(pending::remove).orElse(null);
        if (exchange == null) drops.count(Drops.Reason.UNKNOWN_REPLY);
        else
            exchange.end(error.<Reply>map(object -> new Reply.Failure(object, 200, true))
                    .orElseGet(() -> new Reply.Result(result.orElseThrow())));
    }

    @Override
    public boolean refused(String id, int status, byte[] body) {
        if (body.length == 0 || body[0] != '{') return false;
        Optional<JsonObject> message = read(body);
        var error = message.flatMap(object -> object.object("error"));
        if (error.isEmpty()) return false;
        Optional<Json> named = message.get().get("id").filter(json -> json instanceof JsonText);
        boolean ours = named.isPresent() && named.get().equals(new JsonText(id));
        if (named.isPresent() && !ours) return false;
        var exchange = pending.get(id);
        if (exchange == null) return true;
        var failure = new Reply.Failure(error.get(), status, ours);
        // Without our id it may be about the session: who waits has to know that nothing answered the request itself.
        if (!ours && exchange.era() == Era.LEGACY) exchange.hint(failure);
        else if (pending.remove(id, exchange)) exchange.end(failure);
        return ours || exchange.era() == Era.MODERN;
    }

    private void heard(JsonObject message, byte[] json, Origin origin) {
        var method = message.text("method").orElse("");
        var id = message.get("id").orElse(null);
        if (method.isEmpty()) garbage(json);
        else if (id != null) asked(id, method, message.object("params").orElse(JsonObject.EMPTY), origin);
        else if (method.equals("notifications/cancelled")) takenBack(message);
        else if (method.startsWith("notifications/")) noticed(method, rebuilt(method, message), origin);
        else garbage(json);
    }

    /// Made anew from what was read: no other reader finds a request in it.
    private static JsonObject rebuilt(String method, JsonObject message) {
        var notice = JsonObject.with("jsonrpc", "2.0").with("method", method);
        message.object("params").ifPresent(params -> notice.with("params", params));
        return notice.build();
    }

    private void noticed(String method, JsonObject message, Origin origin) {
        if (method.equals("notifications/tools/list_changed")) listChanged.run();
        var params = message.object("params").orElse(JsonObject.EMPTY);
        if (method.equals("notifications/progress")) {
            var exchange = params.text("progressToken").map(pending::get).orElse(null);
            if (exchange == null || !exchange.say(message, origin.numbered())) drops.count(Drops.Reason.PROGRESS);
            return;
        }
        var subscribed = params.object("_meta")
                .flatMap(meta -> meta.text(Era.META_SUBSCRIPTION))
                .map(pending::get)
                .or(() -> owner(origin));
        if (subscribed.isEmpty()) standing.say(message, origin.numbered());
        else if (!subscribed.get().say(message, origin.numbered())) drops.count(Drops.Reason.PROGRESS);
    }

    /// The request that something belongs to. Where all come on one stream, that is known while only one is under way.
    private Optional<Exchange> owner(Origin origin) {
        if (!origin.request().isEmpty()) return Optional.ofNullable(pending.get(origin.request()));
        // On a connection that several clients share, nobody can tell whose it is.
        if (!origin.shared() || standing == Exchange.Nobody.LINE) return Optional.empty();
        List<Exchange> waiting =
                pending.values().stream().filter(Exchange::hasClient).limit(2).toList();
        return waiting.size() == 1 ? Optional.of(waiting.getFirst()) : Optional.empty();
    }

    private void asked(Json id, String method, JsonObject params, Origin origin) {
        if (!(id instanceof JsonText) && !(id instanceof JsonNumber)) {
            drops.count(Drops.Reason.GARBAGE);
            return;
        }
        if (method.equals("ping")) {
            reply(id, new Answer.Result(JsonObject.EMPTY));
            return;
        }
        if (asked.size() >= ASKED || asked.containsKey(id)) {
            drops.count(Drops.Reason.REQUEST);
            reply(id, Answer.Failure.of(-32600, "too many requests are open, or this id is"));
            return;
        }
        asked.put(id, reason -> {});
        Consumer<Answer> answer = given -> {
            if (asked.remove(id) != null) reply(id, given);
        };
        var owner = owner(origin);
        if (owner.isEmpty()) asking(id, standing.ask(method, params, origin.numbered(), answer));
        else if (!owner.get().ask(id, method, params, origin.numbered(), answer)) {
            drops.count(Drops.Reason.REQUEST);
            answer.accept(Answer.Failure.of(-32600, "too many requests are open"));
        }
    }

    /// Notes how a question that is under way is taken back; one that was by now is taken back at once.
    void asking(Json id, Consumer<String> withdrawal) {
        if (asked.replace(id, withdrawal) == null) withdrawal.accept("the server cancelled");
    }

    private void takenBack(JsonObject message) {
        var params = message.object("params").orElse(JsonObject.EMPTY);
        var withdrawal = params.get("requestId").map(asked::remove).orElse(null);
        if (withdrawal != null) withdrawal.accept(params.text("reason").orElse("the server cancelled"));
    }

    private void reply(Json id, Answer answer) {
        var reply = JsonObject.with("jsonrpc", "2.0").with("id", id);
        switch (answer) {
            case Answer.Result(Json value) -> reply.with("result", value);
            case Answer.Failure(JsonObject error, int status, boolean named) -> reply.with("error", error);
            case Answer.Missing(var type, String detail, boolean gone) ->
                reply.with("error", Answer.Failure.of(-32603, detail).error());
        }
        wire().send(new Wire.Parcel(null, JsonWriter.bytes(reply.build())));
    }

    /// Drops what cannot be read. Where it holds the id of a request that waits, which nobody could guess, it was
    /// the answer: waiting on would be for nothing.
    private void garbage(byte[] json) {
        drops.count(Drops.Reason.GARBAGE);
        for (String id : pending.keySet()) {
            if (holds(json, id.getBytes(UTF_8)))
                failed(id, Wire.Fault.BROKEN, "answered with what is not one strict JSON-RPC message");
        }
    }

    private static boolean holds(byte[] text, byte[] part) {
        for (int at = 0; at <= text.length - part.length; at++) {
            int same = 0;
            while (same < part.length && text[at + same] == part[same]) same++;
            if (same == part.length) return true;
        }
        return false;
    }

    @Override
    public void opened(String request) {
        sign(request, Line::opened);
    }

    @Override
    public void primed(String request) {
        sign(request, Line::primed);
    }

    @Override
    public void retry(String request, long millis) {
        sign(request, line -> line.retry(millis));
    }

    @Override
    public void paused(String request) {
        sign(request, Line::paused);
    }

    private void sign(String request, Consumer<Line> sign) {
        var exchange = pending.get(request);
        if (exchange != null) exchange.sign(sign);
    }

    @Override
    public void failed(String id, Wire.Fault fault, String detail) {
        var exchange = pending.remove(id);
        if (exchange != null) exchange.end(new Reply.Missing(Reply.Why.of(fault), detail, exchange.hint()));
    }

    @Override
    public void closed(String detail) {
        closed = detail;
        for (String id : pending.keySet()) failed(id, Wire.Fault.BROKEN, detail);
        asked.values().forEach(withdrawal -> withdrawal.accept("the server is gone"));
        asked.clear();
    }

    @Override
    public boolean awaits(String id) {
        return pending.containsKey(id);
    }
}
