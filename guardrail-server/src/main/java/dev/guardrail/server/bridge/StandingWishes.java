package dev.guardrail.server.bridge;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What the host asked for that stays in force for its session (2025-11-25: logging, resource subscriptions), kept so
/// that a session begun anew has it, too.
final class StandingWishes {
    private static final String SUBSCRIBE = "resources/subscribe";
    private static final int MOST = 1_000;

    private final Map<String, JsonObject> wishes = new LinkedHashMap<>();
    private long count;

    /// To be told of each request that was answered with a result.
    synchronized void granted(HostMessage.Request request) {
        String resource = SUBSCRIBE + " " + request.params().text("uri").orElse("");
        switch (request.method()) {
            case "logging/setLevel" -> keep(request.method(), request.whole());
            case SUBSCRIBE -> keep(resource, request.whole());
            case "resources/unsubscribe" -> wishes.remove(resource);
            default -> {}
        }
    }

    /// Under an id of its own: the host may have given its id to another request by then.
    private void keep(String name, JsonObject request) {
        if (wishes.containsKey(name) || wishes.size() < MOST)
            wishes.put(name, request.set("id", new JsonText("guardrail-stdio-wish-" + ++count)));
    }

    /// The requests in the order of the first of each.
    synchronized List<JsonObject> all() {
        return List.copyOf(wishes.values());
    }

    synchronized void forget() {
        wishes.clear();
    }
}
