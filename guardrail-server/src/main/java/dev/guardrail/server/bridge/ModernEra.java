package dev.guardrail.server.bridge;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
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

    /// Params whose value goes into `Mcp-Name`, by method.
    private static final Map<String, String> NAMED = Map.of(
            CALL,
            "name",
            "prompts/get",
            "name",
            "resources/read",
            "uri",
            "tasks/get",
            "taskId",
            "tasks/update",
            "taskId",
            "tasks/cancel",
            "taskId");

    private final DoorClient door;
    private final Delivery delivery;
    private final ToolHeaders tools;

    ModernEra(DoorClient door, Delivery delivery, Consumer<String> words) {
        this.door = door;
        this.delivery = delivery;
        this.tools = new ToolHeaders(words);
    }

    /// Takes a request to the guard. One whose headers did not fit what the guard knows of the tool was not run; it
    /// goes once more where its tool turns out to mirror other arguments.
    Outcome carry(HostMessage.Request request, String revision, Ear ear) throws InterruptedException {
        Ear learning = request.method().equals(LIST) ? message -> ear.heard(learn(message)) : ear;
        Map<String, String> mirrored = mirrored(request);
        Outcome outcome = deliver(request.whole(), request, revision, mirrored, learning);
        boolean differed =
                outcome instanceof Outcome.Refused refused && refused.is(Rpc.HEADER_MISMATCH) && isCall(request);
        if (!differed) return outcome;
        listAnew(request, revision);
        Map<String, String> now = mirrored(request);
        return now.equals(mirrored) ? outcome : deliver(request.whole(), request, revision, now, learning);
    }

    /// Takes a notification that names its revision; the guard answers nothing.
    Outcome tell(HostMessage.Notification notification, String revision) throws InterruptedException {
        if (!HeaderValue.isPlain(revision) || !HeaderValue.isPlain(notification.method())) return unfit();
        HttpRequest post = door.post(notification.whole())
                .header(DoorClient.VERSION, revision)
                .header("Mcp-Method", notification.method())
                .timeout(LegacyEra.ASIDE)
                .build();
        return delivery.deliver(post, message -> false);
    }

    private Outcome deliver(
            JsonObject message, HostMessage.Request request, String revision, Map<String, String> mirrored, Ear ear)
            throws InterruptedException {
        if (!HeaderValue.isPlain(revision) || !HeaderValue.isPlain(request.method())) return unfit();
        var post = door.post(message).header(DoorClient.VERSION, revision).header("Mcp-Method", request.method());
        Optional.ofNullable(NAMED.get(request.method()))
                .flatMap(member -> request.params().text(member))
                .ifPresent(name -> post.header("Mcp-Name", HeaderValue.of(name)));
        mirrored.forEach(post::header);
        return delivery.deliver(post.build(), ear);
    }

    private static Outcome unfit() {
        return new Outcome.Refused(
                400, Optional.of(Rpc.error(Rpc.INVALID, "its method or revision fits in no header")));
    }

    private static boolean isCall(HostMessage.Request request) {
        return request.method().equals(CALL);
    }

    private Map<String, String> mirrored(HostMessage.Request request) {
        if (!isCall(request)) return Map.of();
        return tools.of(
                request.params().text("name").orElse(""),
                request.params().object("arguments").orElse(JsonObject.EMPTY));
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
    private void listAnew(HostMessage.Request request, String revision) throws InterruptedException {
        Json meta = request.params().get("_meta").orElse(JsonObject.EMPTY);
        Optional<String> cursor = Optional.empty();
        for (int page = 0; page < MOST_PAGES; page++) {
            var params = JsonObject.with("_meta", meta).with("cursor", cursor).build();
            var listing = new HostMessage.Request(
                    Rpc.request("guardrail-stdio-tools-" + page, LIST, params), new JsonText(LIST), LIST, params);
            var answer = new AtomicReference<@Nullable JsonObject>();
            deliver(listing.whole(), listing, revision, Map.of(), message -> {
                if (!Rpc.isResponse(message)) return false;
                answer.set(learn(message));
                return true;
            });
            cursor = Optional.ofNullable(answer.get()).flatMap(ModernEra::nextPage);
            if (cursor.isEmpty()) return;
        }
    }
}
