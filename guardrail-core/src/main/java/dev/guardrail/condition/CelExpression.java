package dev.guardrail.condition;

import com.google.common.primitives.UnsignedLong;
import dev.cel.common.values.NullValue;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.Program;
import dev.guardrail.base.Json;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonBoolean;
import dev.guardrail.base.JsonNull;
import dev.guardrail.base.JsonNumber;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A value that CEL works out. What JSON cannot hold (bytes, times, infinities, lone surrogates) is a failure.
record CelExpression(Program program, boolean readsPaths, boolean readsIrreversible) implements Expression {

    /// Deepest nesting of a result.
    private static final int MAX_DEPTH = 64;

    /// Most values in a result.
    private static final int MAX_VALUES = 100_000;

    @Override
    public Optional<Json> evaluate(Facts facts) {
        try {
            return Optional.of(new Conversion().json(Evaluation.run(program, facts), 0));
        } catch (CelEvaluationException | RuntimeException | StackOverflowError failed) {
            return Optional.empty();
        }
    }

    private static final class Conversion {
        private int values;

        private Json json(@Nullable Object value, int depth) {
            if (depth > MAX_DEPTH || ++values > MAX_VALUES) throw new IllegalArgumentException("the value is too big");
            return switch (value) {
                case String text -> text(text);
                case Long number -> JsonNumber.of(number);
                case Double number -> JsonNumber.of(number);
                case UnsignedLong number -> new JsonNumber(number.toString());
                case Boolean flag -> JsonBoolean.of(flag);
                case NullValue ignored -> JsonNull.NULL;
                case List<?> items -> list(items, depth);
                case Map<?, ?> members -> object(members, depth);
                case null, default -> throw new IllegalArgumentException("not a value that JSON can hold");
            };
        }

        private Json list(List<?> items, int depth) {
            var copy = new ArrayList<Json>();
            for (Object item : items) copy.add(json(item, depth + 1));
            return new JsonArray(copy);
        }

        private Json object(Map<?, ?> members, int depth) {
            var copy = JsonObject.builder();
            for (var member : members.entrySet()) {
                if (!(member.getKey() instanceof String name))
                    throw new IllegalArgumentException("the name of a member is a text");
                copy.with(text(name).value(), json(member.getValue(), depth + 1));
            }
            return copy.build();
        }

        private static JsonText text(String text) {
            if (text.codePoints().anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE))
                throw new IllegalArgumentException("a lone surrogate");
            return new JsonText(text);
        }
    }
}
