package dev.guardrail.server.door.mcp;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonObject;
import dev.guardrail.server.relay.Answer;
import dev.guardrail.server.relay.Era;
import dev.guardrail.server.relay.Line;
import java.util.Optional;
import java.util.function.Consumer;

/// The client's end of one request: the client's own token and id are put back into what the upstream says.
final class RequestLine implements Line {
    private final Exchange exchange;
    private final RpcId id;
    private final Optional<Json> token;
    private final Optional<ClientQuestions> questions;

    /// @param questions takes what the server asks; empty where a server must not ask
    RequestLine(Exchange exchange, Message.Request request, Optional<ClientQuestions> questions) {
        this.exchange = exchange;
        this.id = request.id();
        this.token = request.params().object("_meta").flatMap(meta -> meta.get("progressToken"));
        this.questions = questions;
    }

    @Override
    public void opened() {
        exchange.open();
    }

    @Override
    public void primed() {
        if (exchange.open()) exchange.channel().prime();
    }

    @Override
    public void retry(long millis) {
        if (exchange.open()) exchange.channel().retry(millis);
    }

    @Override
    public void paused() {
        exchange.channel().pause();
    }

    @Override
    public void status(int status) {
        exchange.status(status);
    }

    @Override
    public void say(JsonObject notification, boolean numbered) {
        JsonObject params = notification.object("params").orElse(JsonObject.EMPTY);
        if (notification.text("method").equals(Optional.of("notifications/progress")) && token.isEmpty()) return;
        JsonObject named =
                params.has("progressToken") && token.isPresent() ? params.set("progressToken", token.get()) : params;
        JsonObject meant = subscribed(named, id);
        exchange.tell(meant == params ? notification : notification.set("params", meant), numbered);
    }

    /// Puts the client's id of a subscription in the place of ours.
    static JsonObject subscribed(JsonObject holder, RpcId id) {
        return holder.object("_meta")
                .filter(meta -> meta.has(Era.META_SUBSCRIPTION))
                .map(meta -> holder.set("_meta", meta.set(Era.META_SUBSCRIPTION, id.json())))
                .orElse(holder);
    }

    @Override
    public Consumer<String> ask(String method, JsonObject params, boolean numbered, Consumer<Answer> answer) {
        if (questions.isPresent())
            return questions.get().ask(method, params, message -> exchange.tell(message, numbered), answer);
        answer.accept(Answer.Failure.methodNotFound());
        return reason -> {};
    }
}
