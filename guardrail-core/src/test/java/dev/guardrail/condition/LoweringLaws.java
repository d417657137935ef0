package dev.guardrail.condition;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// A lowered condition answers exactly what CEL answers.
final class LoweringLaws {
    private static final int CONDITIONS = 4_200;
    private static final int QUESTIONS = 24;

    private final CelConditions conditions = new CelConditions();

    @Test
    void lowered_conditions_and_cel_never_differ() {
        Map<Truth, Integer> answers = new EnumMap<>(Truth.class);
        Map<Truth, Integer> joined = new EnumMap<>(Truth.class);
        int compiled = 0;
        int pairs = 0;
        for (int seed = 0; compiled < CONDITIONS; seed++) {
            var any = new AnyCondition(seed);
            String source = any.condition(seed % 4);
            Optional<Condition> condition =
                    conditions.compile(source, List.of()).condition();
            if (condition.isEmpty()) continue;
            compiled++;
            assertInstanceOf(Lowered.class, condition.get(), source);
            Condition onCel = conditions.onCel(source);
            for (int i = 0; i < QUESTIONS; i++) {
                var asked = any.asked();
                Truth lowered = condition.get().test(asked.facts());
                assertEquals(
                        onCel.test(asked.facts()),
                        lowered,
                        "seed " + seed + ": " + source + " of " + asked.arguments());
                answers.merge(lowered, 1, Integer::sum);
                if (source.contains("&&") || source.contains("||")) joined.merge(lowered, 1, Integer::sum);
                pairs++;
            }
        }
        assertTrue(pairs >= 100_000, "pairs: " + pairs);
        for (Truth truth : Truth.values()) {
            assertTrue(answers.getOrDefault(truth, 0) >= 10_000, "answers: " + answers);
            assertTrue(joined.getOrDefault(truth, 0) >= 2_000, "of joined conditions: " + joined);
        }
    }

    /// Control: the questions tell apart what differs by one sign only.
    @Test
    void a_wrong_lowering_would_be_seen() {
        Map<String, String> mutants = Map.of(
                "<=", "<",
                "==", "!=",
                "&&", "||",
                "startsWith", "endsWith",
                "has(", "!has(",
                "agent.roles", "tool.labels",
                "\"/c\"", "\"/c/x\"");
        for (var mutant : mutants.entrySet()) {
            boolean seen =
                    IntStream.range(0, 3_000).anyMatch(seed -> differs(seed, mutant.getKey(), mutant.getValue()));
            assertTrue(seen, mutant.toString());
        }
    }

    private boolean differs(int seed, String original, String changed) {
        var any = new AnyCondition(seed);
        String source = any.condition(seed % 4);
        if (!source.contains(original)) return false;
        var mutant =
                conditions.compile(source.replace(original, changed), List.of()).condition();
        if (mutant.isEmpty()
                || conditions.compile(source, List.of()).condition().isEmpty()) return false;
        Condition onCel = conditions.onCel(source);
        return IntStream.range(0, QUESTIONS).anyMatch(i -> {
            var facts = any.asked().facts();
            return onCel.test(facts) != mutant.get().test(facts);
        });
    }
}
