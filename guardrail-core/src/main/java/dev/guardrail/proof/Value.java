package dev.guardrail.proof;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonBoolean;
import dev.guardrail.base.JsonNull;
import dev.guardrail.base.JsonNumber;
import dev.guardrail.base.JsonText;
import java.util.List;

/// A JSON value as the auditor reads it: lean, because a log has many.
sealed interface Value permits Members, Value.Text, Value.Whole, Value.Items, Value.Word {

    /// The same in the common form.
    Json json();

    /// A string.
    record Text(String value) implements Value {
        @Override
        public Json json() {
            return new JsonText(value);
        }
    }

    /// A number; entries have whole ones alone.
    record Whole(long value) implements Value {
        @Override
        public Json json() {
            return JsonNumber.of(value);
        }
    }

    /// An array.
    record Items(List<Value> values) implements Value {
        public Items {
            values = List.copyOf(values);
        }

        @Override
        public Json json() {
            return new JsonArray(values.stream().map(Value::json).toList());
        }
    }

    /// A literal, which no entry has.
    enum Word implements Value {
        TRUE,
        FALSE,
        NULL;

        @Override
        public Json json() {
            return switch (this) {
                case TRUE -> JsonBoolean.TRUE;
                case FALSE -> JsonBoolean.FALSE;
                case NULL -> JsonNull.NULL;
            };
        }
    }
}
