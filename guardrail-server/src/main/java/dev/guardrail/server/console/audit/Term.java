package dev.guardrail.server.console.audit;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonBoolean;
import dev.guardrail.base.JsonNull;
import dev.guardrail.base.JsonNumber;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import dev.guardrail.policy.Glob;
import java.math.BigDecimal;
import java.util.List;
import java.util.stream.Stream;

/// One word of a search: a member of entries and what it is to be.
public sealed interface Term {
    /// Member under which an entry is given its arguments, where a search reads them.
    String ARGUMENTS = "args";

    /// @param entry as parsed, with its place in the log as the member `seq`
    boolean matches(JsonObject entry);

    /// True where it can be answered only by looking behind an entry's commitments.
    default boolean readsArguments() {
        return false;
    }

    /// Any of some values, in any of some members.
    ///
    /// @param members names in entries
    /// @param values that are looked for
    record Any(List<String> members, List<Wanted> values) implements Term {
        public Any {
            members = List.copyOf(members);
            values = List.copyOf(values);
        }

        @Override
        public boolean matches(JsonObject entry) {
            return members.stream()
                    .flatMap(member -> entry.get(member).stream())
                    .flatMap(Any::texts)
                    .anyMatch(text -> values.stream().anyMatch(wanted -> wanted.matches(text)));
        }

        private static Stream<String> texts(Json value) {
            return switch (value) {
                case JsonText(String text) -> Stream.of(text);
                case JsonNumber number -> Stream.of(number.literal());
                case JsonArray(List<Json> items) -> items.stream().flatMap(Any::texts);
                case JsonObject none -> Stream.of();
                case JsonBoolean none -> Stream.of();
                case JsonNull none -> Stream.of();
            };
        }
    }

    /// A value that is looked for.
    ///
    /// @param literal true where it stood in quotes: a `*` in it is a star
    record Wanted(String text, boolean literal) {
        boolean isExact() {
            return literal || text.indexOf('*') < 0;
        }

        boolean matches(String value) {
            return isExact() ? text.equals(value) : Glob.matches(text, value);
        }
    }

    /// A number or a time on one side of a limit.
    ///
    /// @param at true for the member `at`, false for `seq`
    record Beyond(boolean at, Order order, long limit) implements Term {
        @Override
        public boolean matches(JsonObject entry) {
            return order.holds(at ? Told.millis(entry) : entry.integer("seq").orElse(0), limit);
        }
    }

    /// A value somewhere in the arguments. What stands in a list stands at the list's own path.
    ///
    /// @param path names from the outermost in
    record Argument(List<String> path, Wish wish) implements Term {
        public Argument {
            path = List.copyOf(path);
        }

        @Override
        public boolean readsArguments() {
            return true;
        }

        @Override
        public boolean matches(JsonObject entry) {
            Stream<Json> at = entry.get(ARGUMENTS).stream();
            for (String name : path)
                at = at.flatMap(Argument::flat)
                        .flatMap(value -> value instanceof JsonObject object ? object.get(name).stream() : Stream.of());
            return at.flatMap(Argument::flat).anyMatch(wish::isMetBy);
        }

        private static Stream<Json> flat(Json value) {
            return value instanceof JsonArray(List<Json> items)
                    ? items.stream().flatMap(Argument::flat)
                    : Stream.of(value);
        }
    }

    /// What a value is to be.
    sealed interface Wish {
        boolean isMetBy(Json value);

        /// Any of these, as it is written; truth and nothing as their words.
        record OneOf(List<Wanted> values) implements Wish {
            public OneOf {
                values = List.copyOf(values);
            }

            @Override
            public boolean isMetBy(Json value) {
                return switch (value) {
                    case JsonText(String text) -> has(text);
                    case JsonNumber number -> has(number.literal());
                    case JsonBoolean truth -> has(truth.toString());
                    case JsonNull nothing -> has(nothing.toString());
                    case JsonObject none -> false;
                    case JsonArray none -> false;
                };
            }

            private boolean has(String text) {
                return values.stream().anyMatch(wanted -> wanted.matches(text));
            }
        }

        /// A number on one side of a limit.
        record Beyond(Order order, BigDecimal limit) implements Wish {
            @Override
            public boolean isMetBy(Json value) {
                return value instanceof JsonNumber number
                        && order.holds(new BigDecimal(number.literal()).compareTo(limit));
            }
        }
    }

    /// How a number stands to a limit.
    enum Order {
        ABOVE,
        AT_LEAST,
        BELOW,
        AT_MOST;

        boolean holds(long value, long limit) {
            return holds(Long.compare(value, limit));
        }

        /// @param sign below 0 where the value is below the limit, 0 where it is the limit
        boolean holds(int sign) {
            return switch (this) {
                case ABOVE -> sign > 0;
                case AT_LEAST -> sign >= 0;
                case BELOW -> sign < 0;
                case AT_MOST -> sign <= 0;
            };
        }

        /// The same between ages: what is younger happened later.
        Order turned() {
            return switch (this) {
                case ABOVE -> BELOW;
                case AT_LEAST -> AT_MOST;
                case BELOW -> ABOVE;
                case AT_MOST -> AT_LEAST;
            };
        }
    }

    /// Whatever another term does not match.
    record Not(Term term) implements Term {
        @Override
        public boolean matches(JsonObject entry) {
            return !term.matches(entry);
        }

        @Override
        public boolean readsArguments() {
            return term.readsArguments();
        }
    }
}
