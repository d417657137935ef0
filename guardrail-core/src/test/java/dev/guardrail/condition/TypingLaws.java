package dev.guardrail.condition;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cel.common.types.CelType;
import dev.cel.common.types.SimpleType;
import dev.guardrail.base.JsonObject;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// What is proved well typed without CEL's checker is well typed for it.
final class TypingLaws {
    private static final int SCHEMAS = 25;
    private static final int CONDITIONS = 140;

    @Test
    void nothing_is_proved_that_the_checker_refuses() throws Exception {
        int proved = 0;
        int refused = 0;
        int left = 0;
        for (int number = 0; number < SCHEMAS; number++) {
            boolean open = number % 5 == 0;
            var types = new SchemaTypes(schema(new Random(number), 2));
            var result = Optional.<CelType>of(SimpleType.BOOL);
            var compiler = open ? Vocabulary.open(result) : Vocabulary.checked(types, result);
            var typing = open
                    ? new Typing(SimpleType.DYN, Vocabulary.types(Optional.empty()))
                    : new Typing(types.arguments(), Vocabulary.types(Optional.of(types)));
            for (int seed = 0; seed < CONDITIONS; seed++) {
                String source = new AnyCondition(number * 1_000L + seed).condition(seed % 3);
                var parsed = Fields.of(compiler.parse(source).getAst());
                var errors = compiler.check(parsed).getErrors();
                if (typing.proves(parsed.getExpr())) {
                    assertEquals(List.of(), errors, source);
                    proved++;
                } else if (errors.isEmpty()) left++;
                else refused++;
            }
        }
        String counts = "proved " + proved + ", refused " + refused + ", left to the checker " + left;
        assertTrue(proved > 400 && refused > 400, counts);
        assertTrue(left < proved, counts);
    }

    private static JsonObject schema(Random random, int depth) {
        var properties = JsonObject.builder();
        for (String name : List.of("a", "b", "c", "d e")) {
            if (random.nextInt(6) == 0) continue;
            String type = List.of("string", "integer", "number", "boolean", "object", "array")
                    .get(random.nextInt(6));
            if (type.equals("object")) properties.with(name, depth == 0 ? open(random) : schema(random, depth - 1));
            else if (type.equals("array"))
                properties.with(
                        name,
                        JsonObject.with("type", "array")
                                .with(
                                        "items",
                                        JsonObject.with("type", random.nextBoolean() ? "string" : "integer")
                                                .build())
                                .build());
            else properties.with(name, JsonObject.with("type", type).build());
        }
        return JsonObject.with("type", "object")
                .with("properties", properties.build())
                .build();
    }

    private static JsonObject open(Random random) {
        return JsonObject.with("type", "object")
                .with(
                        "additionalProperties",
                        JsonObject.with("type", random.nextBoolean() ? "string" : "boolean")
                                .build())
                .build();
    }
}
