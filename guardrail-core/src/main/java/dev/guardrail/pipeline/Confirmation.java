package dev.guardrail.pipeline;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonBoolean;
import dev.guardrail.base.JsonNumber;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import dev.guardrail.call.DecisionRequest;
import dev.guardrail.policy.Quorum;
import dev.guardrail.policy.Rule;
import dev.guardrail.policy.RuleId;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// What an approver must type: the text of one argument, named as `args.amount`.
final class Confirmation {
    private Confirmation() {}

    /// Text that approvers must type, by rule.
    ///
    /// @return empty where a rule asks for an argument that is not there: such a call cannot be held
    static Optional<Map<RuleId, String>> texts(DecisionRequest request, Collection<Rule> holds) {
        var texts = new HashMap<RuleId, String>();
        for (Rule rule : holds) {
            Optional<String> asked = rule.quorum().flatMap(Quorum::confirm);
            if (asked.isEmpty()) continue;
            Optional<String> text = text(asked.get(), request.action().arguments());
            if (text.isEmpty()) return Optional.empty();
            texts.put(rule.id(), text.get());
        }
        return Optional.of(texts);
    }

    /// @param asked path of names from `args`, separated by dots
    /// @return the argument as text; empty where there is none or it is neither text, number nor boolean
    static Optional<String> text(String asked, JsonObject arguments) {
        String[] names = asked.split("\\.", -1);
        if (names.length < 2 || !names[0].equals("args")) return Optional.empty();
        Json value = arguments;
        for (int i = 1; i < names.length; i++) {
            if (!(value instanceof JsonObject object)) return Optional.empty();
            Optional<Json> next = object.get(names[i]);
            if (next.isEmpty()) return Optional.empty();
            value = next.get();
        }
        return switch (value) {
            case JsonText(String text) -> Optional.of(text);
            case JsonNumber number -> Optional.of(number.literal());
            case JsonBoolean bool -> Optional.of(bool.toString());
            case JsonObject object -> Optional.empty();
            case dev.guardrail.base.JsonArray array -> Optional.empty();
            case dev.guardrail.base.JsonNull none -> Optional.empty();
        };
    }
}
