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
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Our side of JSON-RPC 2.0 with one server. Every request has an unguessable id of ours; a reply counts once and
/// only for an id that waits. Of what the server asks, `ping` is answered and the rest is not known here.
final class Peer implements Inbox {
    private static final int ID_BYTES = 16;
    private static final int METHOD_NOT_FOUND = -32601;

    /// Names and members are bounded by the bytes of the message alone: results are passed on, not judged.
    private static final StrictJson.Limits ANSWERS =
            new StrictJson.Limits(0, 256, Integer.MAX_VALUE, 0, Integer.MAX_VALUE).forAnswers();

    private final StrictJson.Limits limits;
    private final RandomGenerator random;
    private final Ticker ticker;
    private final Drops drops;
    private final Runnable listChanged;
    private final Map<String, Exchange> pending = new ConcurrentHashMap<>();
    private volatile @Nullable Wire wire;
    private volatile @Nullable String closed;

    /// @param messageBytes largest message that is read
    /// @param listChanged told when the server says that its tools changed; it must not block
    Peer(int messageBytes, RandomGenerator random, Ticker ticker, Drops drops, Runnable listChanged) {
        this.limits = ANSWERS.withBytes(messageBytes);
        this.random = random;
        this.ticker = ticker;
        this.drops = drops;
        this.listChanged = listChanged;
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
    ///
    /// @param params made from the request's id, for those that carry it as a token
    Exchange ask(String method, Function<String, JsonObject> params) {
        String id = id();
        var exchange = new Exchange(this, id, ticker);
        pending.put(id, exchange);
        String how = closed;
        if (how != null) failed(id, Wire.Fault.UNSENT, how);
        else wire().send(new Wire.Parcel(id, message(JsonObject.with("id", id), method, params.apply(id))));
        return exchange;
    }

    void notify(String method, JsonObject params) {
        wire().send(new Wire.Parcel(null, message(JsonObject.builder(), method, params)));
    }

    /// Tells the server that nobody waits for a request any more (MCP 2025-11-25, basic/utilities/cancellation).
    void cancel(String id, String reason) {
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

    boolean idle() {
        return pending.isEmpty();
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
    public void message(byte[] json) {
        JsonObject message;
        try {
            if (!(StrictJson.parse(json, limits) instanceof JsonObject object)) {
                garbage(json);
                return;
            }
            message = object;
        } catch (MalformedJson malformed) {
            garbage(json);
            return;
        }
        if (!message.text("jsonrpc").equals(java.util.Optional.of("2.0"))) garbage(json);
        else if (message.has("method")) heard(message, json);
        else answered(message, json);
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
        else exchange.end(error.<Reply>map(Reply.Failure::new).orElseGet(() -> new Reply.Result(result.orElseThrow())));
    }

    private void heard(JsonObject message, byte[] json) {
        var method = message.text("method").orElse("");
        var id = message.get("id").orElse(null);
        if (method.isEmpty()) garbage(json);
        else if (id != null) reply(id, method);
        else if (method.equals("notifications/progress")) progress(message);
        else if (method.equals("notifications/tools/list_changed")) listChanged.run();
    }

    private void reply(Json id, String method) {
        if (!(id instanceof JsonText) && !(id instanceof JsonNumber)) {
            drops.count(Drops.Reason.GARBAGE);
            return;
        }
        var reply = JsonObject.with("jsonrpc", "2.0").with("id", id);
        if (method.equals("ping")) reply.with("result", JsonObject.EMPTY);
        else {
            drops.count(Drops.Reason.REQUEST);
            reply.with(
                    "error",
                    JsonObject.builder()
                            .with("code", METHOD_NOT_FOUND)
                            .with("message", "method not found")
                            .build());
        }
        wire().send(new Wire.Parcel(null, JsonWriter.bytes(reply.build())));
    }

    private void progress(JsonObject message) {
        var params = message.object("params").orElse(JsonObject.EMPTY);
        var exchange = params.text("progressToken").map(pending::get).orElse(null);
        if (exchange == null || !exchange.progress(params)) drops.count(Drops.Reason.PROGRESS);
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
    public void failed(String id, Wire.Fault fault, String detail) {
        var exchange = pending.remove(id);
        if (exchange != null) exchange.end(new Reply.Missing(Reply.Why.of(fault), detail));
    }

    @Override
    public void closed(String detail) {
        closed = detail;
        for (String id : pending.keySet()) failed(id, Wire.Fault.BROKEN, detail);
    }

    @Override
    public boolean awaits(String id) {
        return pending.containsKey(id);
    }
}
