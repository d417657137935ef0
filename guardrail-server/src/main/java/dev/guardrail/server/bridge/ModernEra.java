package dev.guardrail.server.bridge;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonObject;
import dev.guardrail.server.relay.Era;
import dev.guardrail.server.relay.Mirror;
import java.net.http.HttpRequest;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Requests since 2026-07-28: each stands alone, names its revision and has its own POST, with what intermediaries
/// look at mirrored into headers. There is no session; to close its stream takes a request back.
final class ModernEra {
    private static final String LIST = "tools/list";
    private static final String CALL = "tools/call";
    private static final int MOST_PAGES = 100;

    private final DoorClient door;
    private final Delivery delivery;
    private final ToolSchemas tools;

    ModernEra(DoorClient door, Delivery delivery, Consumer<String> words) {
        this.door = door;
        this.delivery = delivery;
        this.tools = new ToolSchemas(words);
    }

    /// Takes a request to the guard. One whose headers did not fit what the guard knows of the tool was not run; it
    /// goes once more where its tool turns out to mirror other arguments.
    Outcome carry(HostMessage.Request request, Ear ear) throws InterruptedException {
        Ear learning = request.method().equals(LIST) ? message -> ear.heard(learn(message)) : ear;
        Map<String, String> mirrored = mirrored(request);
        Outcome outcome = deliver(door.post(request.whole()), mirrored, learning);
        boolean differed = outcome instanceof Outcome.Refused refused
                && refused.is(Era.HEADER_MISMATCH)
                && request.method().equals(CALL);
        if (!differed) return outcome;
        listAnew(request);
        Map<String, String> now = mirrored(request);
        return now.equals(mirrored) ? outcome : deliver(door.post(request.whole()), now, learning);
    }

    /// Takes a notification that names its revision; the guard answers nothing.
    Outcome tell(HostMessage.Notification notification) throws InterruptedException {
        return deliver(
                door.post(notification.whole()).timeout(LegacyEra.ASIDE),
                Mirror.of(notification.method(), notification.params(), Optional.empty()),
                message -> false);
    }

    private Outcome deliver(HttpRequest.Builder post, Map<String, String> headers, Ear ear)
            throws InterruptedException {
        if (!headers.values().stream().allMatch(DoorClient::carries))
            return new Outcome.Refused(
                    400, Optional.of(Rpc.error(Rpc.INVALID, "its method or revision fits in no header")));
        headers.forEach(post::header);
        return delivery.deliver(post.build(), ear);
    }

    private Map<String, String> mirrored(HostMessage.Request request) {
        Optional<JsonObject> schema = request.params().text("name").flatMap(tools::of);
        return Mirror.of(request.method(), request.params(), schema);
    }

    private static Optional<String> nextPage(JsonObject message) {
        return message.object("result").flatMap(result -> result.text("nextCursor"));
    }

    private JsonObject learn(JsonObject message) {
        return message.object("result")
                .map(result -> message.set("result", tools.learn(result)))
                .orElse(message);
    }

    /// Lists the tools for itself, as the client that the request's `_meta` describes.
    private void listAnew(HostMessage.Request request) throws InterruptedException {
        Json meta = request.params().get("_meta").orElse(JsonObject.EMPTY);
        Optional<String> cursor = Optional.empty();
        for (int page = 0; page < MOST_PAGES; page++) {
            var params = JsonObject.with("_meta", meta).with("cursor", cursor).build();
            var answer = new AtomicReference<@Nullable JsonObject>();
            var listing = Rpc.request("guardrail-stdio-tools-" + page, LIST, params);
            deliver(door.post(listing), Mirror.of(LIST, params, Optional.empty()), message -> {
                if (!Rpc.isResponse(message)) return false;
                answer.set(learn(message));
                return true;
            });
            cursor = Optional.ofNullable(answer.get()).flatMap(ModernEra::nextPage);
            if (cursor.isEmpty()) return;
        }
    }
}
