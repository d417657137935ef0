package dev.guardrail.server.door.mcp;

import dev.guardrail.base.JsonObject;
import dev.guardrail.server.relay.Answer;
import dev.guardrail.server.relay.Line;
import java.util.function.Consumer;

/// The client's end of a whole session: what belongs to no request.
record StandingLine(McpSession session, ClientQuestions questions) implements Line {

    @Override
    public void say(JsonObject notification, boolean numbered) {
        session.standing().say(notification, numbered);
    }

    @Override
    public Consumer<String> ask(String method, JsonObject params, boolean numbered, Consumer<Answer> answer) {
        return questions.ask(method, params, message -> session.asks(message, numbered), answer);
    }
}
