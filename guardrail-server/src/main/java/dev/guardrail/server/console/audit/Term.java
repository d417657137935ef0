package dev.guardrail.server.console.audit;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonBoolean;
import dev.guardrail.base.JsonNull;
import dev.guardrail.base.JsonNumber;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import dev.guardrail.policy.Glob;
import java.util.List;
import java.util.stream.Stream;

/// One word of a search: a member of entries and what it is to be.
sealed interface Term {
    /// @param entry as parsed, with its place in the log as the member `seq`
    boolean matches(JsonObject entry);

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

    /// How a number stands to a limit.
    enum Order {
        ABOVE,
        AT_LEAST,
        BELOW,
        AT_MOST;

        boolean holds(long value, long limit) {
            return switch (this) {
                case ABOVE -> value > limit;
                case AT_LEAST -> value >= limit;
                case BELOW -> value < limit;
                case AT_MOST -> value <= limit;
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
    }
}
