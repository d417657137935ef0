package dev.guardrail.condition;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonBoolean;
import dev.guardrail.base.JsonNull;
import dev.guardrail.base.JsonNumber;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import dev.guardrail.session.Trajectory;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/// Random conditions of the shapes that are lowered, and random questions that make them true, false and fail.
final class AnyCondition {
    private static final List<String> NAMES = List.of("a", "b", "c", "d e");
    private static final List<String> TEXTS = List.of("", "a", "b", "ab", "/c/x", "/cx", "😀", "\uffee", "1", "coder");
    private static final List<String> NUMBERS = List.of(
            "0",
            "1",
            "-1",
            "1.0",
            "-0.0",
            "0.5",
            "2",
            "1e3",
            "1000",
            "9007199254740993",
            "9007199254740992.0",
            "9223372036854775807",
            "-9223372036854775808",
            "9.223372036854776E18",
            "-9.223372036854776E18",
            "1e20",
            "100000000000000000000",
            "1.7976931348623157E308",
            "5E-324");
    private static final List<String> CONSTANT_NUMBERS = List.of(
            "0",
            "1",
            "-1",
            "1.0",
            "0.0",
            "0.5",
            "2",
            "1000",
            "9007199254740993",
            "9007199254740992.0",
            "9223372036854775807",
            "-9223372036854775808",
            "9.223372036854775807E18",
            "1e20",
            "5e-324");
    private static final List<String> CONTEXT = List.of(
            "user",
            "agent.name",
            "tool.server",
            "tool.name",
            "tool.effect",
            "call.reason",
            "call.risk",
            "call.purpose",
            "session.id",
            "session.task");
    private static final List<String> SETS = List.of("agent.roles", "tool.labels", "session.taints");
    private static final List<String> ORDERS = List.of("==", "!=", "<", "<=", ">", ">=");

    private final Random random;

    AnyCondition(long seed) {
        this.random = new Random(seed);
    }

    private <T> T any(List<T> some) {
        return some.get(random.nextInt(some.size()));
    }

    String condition(int depth) {
        int shape = random.nextInt(depth > 0 ? 20 : 12);
        return switch (shape) {
            case 0, 1, 2 -> operand() + " " + any(ORDERS) + " " + constant();
            case 3 -> constant() + " " + any(ORDERS) + " " + operand();
            case 4 -> operand() + " " + any(ORDERS) + " " + operand();
            case 5 -> operand() + " in [" + constant() + ", " + constant() + ", " + constant() + "]";
            case 6 -> constant() + " in " + argument();
            case 7 -> "has(" + argument() + ".a)";
            case 8 -> argument();
            case 9 ->
                operand() + "." + any(List.of("startsWith", "endsWith", "contains")) + "("
                        + (random.nextBoolean() ? text() : argument()) + ")";
            case 10 -> special();
            case 11 -> any(List.of("\"developer\"", "\"fs-write\"", "\"a\"", "\"b\"")) + " in " + any(SETS);
            case 12, 13, 14 -> "(" + condition(depth - 1) + ") && (" + condition(depth - 1) + ")";
            case 15, 16, 17 -> "(" + condition(depth - 1) + ") || (" + condition(depth - 1) + ")";
            case 18 -> "!(" + condition(depth - 1) + ")";
            default ->
                "(" + condition(depth - 1) + ") ? (" + condition(depth - 1) + ") : (" + condition(depth - 1) + ")";
        };
    }

    private String special() {
        return switch (random.nextInt(4)) {
            case 0 -> "path.within(" + operand() + ", " + any(List.of("\"/c\"", "\"/\"", "\"/c/x\"")) + ")";
            case 1 -> operand() + ".matches(" + any(List.of("\"^a\"", "\"(a|b)+$\"", "\"/c(/|$)\"")) + ")";
            case 2 -> "session.seen(" + any(List.of("\"files.read_file\"", "\"a.b\"")) + ")";
            default -> any(List.of("true", "false"));
        };
    }

    private String operand() {
        return random.nextInt(5) == 0 ? any(CONTEXT) : argument();
    }

    private String argument() {
        var path = new StringBuilder("args");
        int steps = 1 + (random.nextInt(3) == 0 ? random.nextInt(3) : 0);
        for (int i = 0; i < steps; i++) {
            String name = any(NAMES);
            switch (random.nextInt(6)) {
                case 0 -> path.append("[\"").append(name).append("\"]");
                case 1 -> path.append(i == 0 ? "[\"b\"]" : "[" + random.nextInt(3) + "]");
                default -> path.append('.').append(name.equals("d e") ? "b" : name);
            }
        }
        return path.toString();
    }

    private String text() {
        return new JsonText(any(TEXTS)).toString();
    }

    private String constant() {
        return switch (random.nextInt(8)) {
            case 0, 1, 2 -> text();
            case 3, 4, 5 -> any(CONSTANT_NUMBERS);
            case 6 -> random.nextBoolean() ? "true" : "false";
            default -> "null";
        };
    }

    Asked asked() {
        var members = JsonObject.builder();
        for (String name : NAMES) if (random.nextInt(4) > 0) members.with(name, value(2));
        var asked = Asked.with(members.build())
                .user(random.nextInt(4) == 0 ? Optional.empty() : Optional.of(any(TEXTS)))
                .session(random.nextBoolean() ? Set.of("a") : Set.of("ab", "b"), Trajectory.EMPTY);
        return random.nextBoolean() ? asked.path("a", "/c/x").path("b", "/d") : asked.path("/c/x", "/c");
    }

    private Json value(int depth) {
        return switch (random.nextInt(depth > 0 ? 12 : 8)) {
            case 0, 1, 2 -> new JsonText(any(TEXTS));
            case 3, 4, 5 -> new JsonNumber(any(NUMBERS));
            case 6 -> JsonBoolean.of(random.nextBoolean());
            case 7 -> random.nextInt(3) == 0 ? JsonNull.NULL : JsonBoolean.of(random.nextBoolean());
            case 8, 9 -> {
                var items = new ArrayList<Json>();
                for (int i = random.nextInt(4); i > 0; i--) items.add(value(depth - 1));
                yield new JsonArray(items);
            }
            default -> {
                var members = JsonObject.builder();
                for (String name : NAMES) if (random.nextBoolean()) members.with(name, value(depth - 1));
                yield members.build();
            }
        };
    }
}
