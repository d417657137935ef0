package dev.guardrail.condition;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonBoolean;
import dev.guardrail.base.JsonNumber;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import java.util.List;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.function.Function;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/// A part of a lowered condition: total, as the whole is.
@FunctionalInterface
interface Predicate {
    Truth test(Facts facts);

    /// False where either is false, even where the other fails.
    static Predicate and(Predicate left, Predicate right) {
        return facts -> {
            Truth one = left.test(facts);
            if (one == Truth.FALSE) return Truth.FALSE;
            Truth other = right.test(facts);
            return one == Truth.TRUE || other == Truth.FALSE ? other : Truth.ERROR;
        };
    }

    /// True where either is true, even where the other fails.
    static Predicate or(Predicate left, Predicate right) {
        return facts -> {
            Truth one = left.test(facts);
            if (one == Truth.TRUE) return Truth.TRUE;
            Truth other = right.test(facts);
            return one == Truth.FALSE || other == Truth.TRUE ? other : Truth.ERROR;
        };
    }

    static Predicate not(Predicate negated) {
        return facts -> switch (negated.test(facts)) {
            case TRUE -> Truth.FALSE;
            case FALSE -> Truth.TRUE;
            case ERROR -> Truth.ERROR;
        };
    }

    static Predicate choose(Predicate condition, Predicate then, Predicate otherwise) {
        return facts -> switch (condition.test(facts)) {
            case TRUE -> then.test(facts);
            case FALSE -> otherwise.test(facts);
            case ERROR -> Truth.ERROR;
        };
    }

    /// What the operand says, where it is `true` or `false`.
    static Predicate flag(Operand operand) {
        return facts -> operand.read(facts) instanceof JsonBoolean flag ? Truth.of(flag.value()) : Truth.ERROR;
    }

    /// True where the object that `parent` names has the member.
    static Predicate has(Operand parent, String name) {
        return facts -> parent.read(facts) instanceof JsonObject object ? Truth.of(object.has(name)) : Truth.ERROR;
    }

    static Predicate equal(Operand operand, Object constant) {
        return facts -> {
            Object value = operand.read(facts);
            return value == null ? Truth.ERROR : Truth.of(same(value, constant));
        };
    }

    static Predicate equal(Operand one, Operand other) {
        return facts -> {
            Object left = one.read(facts);
            Object right = other.read(facts);
            return left == null || right == null
                    ? Truth.ERROR
                    : Truth.of(Equality.same(Operand.value(left), Operand.value(right)));
        };
    }

    /// True where a value read is the constant: a text, `Long`, `Double`, boolean or [JsonNull].
    private static boolean same(Object value, Object constant) {
        return switch (constant) {
            case String text -> text.equals(Operand.text(value));
            case Number number -> value instanceof JsonNumber json && Numbers.compare(json, number) == 0;
            case Boolean flag -> value instanceof JsonBoolean json && json.value() == flag;
            default -> constant.equals(value);
        };
    }

    /// Orders values of one kind; any other pair fails.
    static Predicate ordered(Operand operand, Object constant, IntPredicate wanted) {
        return facts -> {
            Object value = operand.read(facts);
            return switch (constant) {
                case String text -> {
                    String read = Operand.text(value);
                    yield read == null ? Truth.ERROR : Truth.of(wanted.test(read.compareTo(text)));
                }
                case Number number ->
                    value instanceof JsonNumber json
                            ? Truth.of(wanted.test(Numbers.compare(json, number)))
                            : Truth.ERROR;
                case Boolean flag ->
                    value instanceof JsonBoolean json
                            ? Truth.of(wanted.test(Boolean.compare(json.value(), flag)))
                            : Truth.ERROR;
                default -> Truth.ERROR;
            };
        };
    }

    static Predicate ordered(Operand one, Operand other, IntPredicate wanted) {
        return facts -> {
            Object left = one.read(facts);
            Object right = other.read(facts);
            String text = Operand.text(left);
            String against = Operand.text(right);
            if (text != null && against != null) return Truth.of(wanted.test(text.compareTo(against)));
            if (left instanceof JsonNumber a && right instanceof JsonNumber b)
                return Truth.of(wanted.test(Numbers.compare(Numbers.of(a), Numbers.of(b))));
            if (left instanceof JsonBoolean a && right instanceof JsonBoolean b)
                return Truth.of(wanted.test(Boolean.compare(a.value(), b.value())));
            return Truth.ERROR;
        };
    }

    /// True where the value is one of the constants.
    static Predicate oneOf(Operand operand, List<Object> constants) {
        return facts -> {
            Object value = operand.read(facts);
            if (value == null) return Truth.ERROR;
            for (Object constant : constants) if (same(value, constant)) return Truth.TRUE;
            return Truth.FALSE;
        };
    }

    /// True where the container read has the constant: as an item of an array, as a name in an object.
    static Predicate holds(Operand container, Object constant) {
        return facts -> {
            Object value = container.read(facts);
            if (value instanceof JsonObject object)
                return Truth.of(constant instanceof String name && object.has(name));
            if (!(value instanceof JsonArray(List<Json> items))) return Truth.ERROR;
            for (Json item : items) if (same(item, constant)) return Truth.TRUE;
            return Truth.FALSE;
        };
    }

    /// True where a set of the facts has the text.
    static Predicate member(Function<Facts, Set<String>> set, String text) {
        return facts -> Truth.of(set.apply(facts).contains(text));
    }

    /// A relation of a text read to a constant.
    static Predicate text(Operand operand, String constant, BiPredicate<String, String> relation) {
        return facts -> {
            String text = Operand.text(operand.read(facts));
            return text == null ? Truth.ERROR : Truth.of(relation.test(text, constant));
        };
    }

    static Predicate texts(Operand operand, Operand other, BiPredicate<String, String> relation) {
        return facts -> {
            String text = Operand.text(operand.read(facts));
            String against = Operand.text(other.read(facts));
            return text == null || against == null ? Truth.ERROR : Truth.of(relation.test(text, against));
        };
    }

    static Predicate finds(Operand operand, Regex regex) {
        return facts -> {
            String text = Operand.text(operand.read(facts));
            if (text == null) return Truth.ERROR;
            try {
                return Truth.of(regex.finds(text, new Meter()));
            } catch (Meter.Exhausted tooLong) {
                return Truth.ERROR;
            }
        };
    }

    /// True where the real path that the text stands for lies in the directory, which is plain and absolute.
    static Predicate within(Operand operand, String directory) {
        return facts -> {
            String text = Operand.text(operand.read(facts));
            if (text == null) return Truth.ERROR;
            var fact = facts.request().resource().paths().of(text);
            return fact.isPresent() ? Truth.of(fact.get().within(directory)) : Truth.ERROR;
        };
    }

    static Predicate constant(boolean value) {
        return facts -> Truth.of(value);
    }

    /// What a predicate reads: a JSON value, or a `String`; null where there is nothing to read, which fails.
    @FunctionalInterface
    interface Operand {
        @Nullable
        Object read(Facts facts);

        static @Nullable String text(@Nullable Object value) {
            if (value instanceof JsonText(String text)) return text;
            return value instanceof String text ? text : null;
        }

        /// The value as CEL has it.
        static Object value(Object read) {
            return read instanceof Json json ? Evaluation.view(json, new Meter()) : read;
        }
    }
}
