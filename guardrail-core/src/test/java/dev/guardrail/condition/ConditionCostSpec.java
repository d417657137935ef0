package dev.guardrail.condition;

import static dev.guardrail.condition.Truth.ERROR;
import static dev.guardrail.condition.Truth.FALSE;
import static dev.guardrail.condition.Truth.TRUE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonNumber;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// However a condition and its arguments are made, the answer comes soon and no failure counts as true.
final class ConditionCostSpec {
    private static final Duration SOON = Duration.ofMillis(50);
    private static final CelConditions CONDITIONS = new CelConditions();

    /// The answer, after checking that one of twenty tries took no more processor time than allowed: a busy machine may
    /// stop for its own reasons and compile late, a slow condition is slow every time.
    private static Truth soon(String source, Asked asked) {
        Optional<Condition> compiled = Optional.empty();
        long least = Long.MAX_VALUE;
        Truth answer = ERROR;
        var threads = ManagementFactory.getThreadMXBean();
        var facts = asked.facts();
        for (int i = 0; i < 20 && least > SOON.toNanos(); i++) {
            long start = threads.getCurrentThreadCpuTime();
            compiled = CONDITIONS.compile(source, List.of()).condition();
            answer = compiled.map(condition -> condition.test(facts)).orElse(ERROR);
            least = Math.min(least, threads.getCurrentThreadCpuTime() - start);
        }
        assertTrue(least <= SOON.toNanos(), least / 1_000_000 + " ms: " + source);
        return answer;
    }

    @Test
    void every_costly_expression_is_decided_soon_and_none_permits_undecided() {
        Map<String, Truth> expected = Map.of(
                "args.x == args.missing", ERROR,
                "false && 1/0 == 0", FALSE,
                "args.amount < 100", ERROR,
                "args[\"n\\u0061me\"]", ERROR,
                "timestamp(\"9999-12-31T23:59:59Z\") + duration(\"1s\") > timestamp(0)", ERROR);
        var asked = Asked.with("{\"x\": 1, \"amount\": \"1\", \"name\": \"n\"}");
        var corpus = Corpora.lines("cel-cost");
        assertTrue(corpus.size() >= 6, "lines: " + corpus.size());
        for (JsonObject line : corpus) {
            String source = line.text("expr").orElseThrow();
            Truth answer = soon(source, asked);
            if (expected.containsKey(source)) assertEquals(expected.get(source), answer, source);
            else assertNotEquals(TRUE, answer, source);
        }
        assertEquals(TRUE, soon("args.x == args.x && args.amount == \"1\"", asked));
    }

    @Test
    void every_costly_pattern_is_decided_soon() {
        var corpus = Corpora.lines("regex-redos");
        assertTrue(corpus.size() >= 5, "lines: " + corpus.size());
        for (JsonObject line : corpus) {
            String input = line.text("input").orElseThrow();
            String pattern = line.text("pattern").orElseThrow();
            var asked = Asked.with(
                    JsonObject.with("input", input).with("pattern", pattern).build());
            assertNotEquals(
                    TRUE, soon("args.input.matches(" + new JsonText(pattern) + ")", asked), "written in a policy");
            assertNotEquals(TRUE, soon("args.input.matches(args.pattern)", asked), "written by an agent");
        }
        var asked = Asked.with("{\"input\": \"aaab\", \"pattern\": \"(a+)+b$\"}");
        assertEquals(TRUE, soon("args.input.matches(\"(a+)+b$\")", asked));
        assertEquals(TRUE, soon("args.input.matches(args.pattern)", asked));
    }

    private static Json repeated(Json item, int times) {
        return new JsonArray(Collections.nCopies(times, item));
    }

    /// Arguments of about a mebibyte, made to hurt.
    private static final Asked HUGE = Asked.with(JsonObject.with("text", "a".repeat(400_000))
            .with("same", "a".repeat(400_000))
            .with("part", "a".repeat(200_000) + "b")
            .with(
                    "numbers",
                    new JsonArray(IntStream.range(0, 20_000)
                            .<Json>mapToObj(JsonNumber::of)
                            .toList()))
            .with("texts", repeated(new JsonText("a".repeat(2_000)), 100))
            .with("deep", repeated(repeated(repeated(new JsonNumber("1"), 10), 10), 20))
            .build());

    @Test
    void huge_arguments_are_decided_soon() {
        for (String source : List.of(
                "args.numbers.all(n, n >= 0)",
                "args.numbers.all(n, n in args.numbers)",
                "args.numbers.all(n, args.numbers.exists(m, m == n))",
                "args.numbers.map(n, args.numbers).size() > 1",
                "args.numbers.filter(n, args.numbers == args.numbers).size() > 1",
                "args.numbers.all(n, args.text == args.same)",
                "args.numbers.all(n, size(args.text) > 1)",
                "args.numbers.all(n, (args.text + args.text).size() > 1)",
                "args.numbers.all(n, args.text.contains(args.part))",
                "args.numbers.all(n, args.text.endsWith(args.part))",
                "args.numbers.all(n, args.text.matches(\"a*b\"))",
                "args.texts.all(a, args.texts.all(b, a + b != b + a + \"x\"))",
                "args.texts.all(a, args.numbers.all(n, size(a) > 1))",
                "args.deep.all(a, a.all(b, b.all(c, args.deep != [c])))",
                "args.text.contains(args.part) || args.text.matches(\"(a|aa)*b\")",
                "args.text.matches(args.part)",
                "args == args && args != {}")) {
            Truth answer = soon(source, HUGE);
            assertNotEquals(TRUE, source.contains("exists(m") ? answer : ERROR, source);
        }
        assertEquals(TRUE, soon("args.text.startsWith(\"a\") && args.deep.size() == 20", HUGE));
        assertEquals(TRUE, soon("args.texts.all(t, t.startsWith(\"a\"))", HUGE));
        assertEquals(TRUE, soon("args.text == args.same && args.text.contains(args.part) == false", HUGE));
    }

    @Test
    void ordinary_use_of_large_arguments_is_within_the_bounds() {
        var asked = Asked.with(JsonObject.with("content", "x".repeat(1_000_000))
                .with("to", repeated(new JsonText("bob@example.com"), 50))
                .with("path", "/workspace/a.txt")
                .build());
        assertEquals(
                TRUE,
                soon("args.to.all(t, t.endsWith(\"@example.com\")) && !args.content.contains(\"PRIVATE KEY\")", asked));
        assertEquals(
                TRUE,
                soon("!args.content.contains(\"PRIVATE KEY\") && args.to.all(t, t.endsWith(\"@example.com\"))", asked));
        assertEquals(
                TRUE, soon("\"bob@example.com\" in args.to && args.path.matches(\"^/workspace/[a-z.]+$\")", asked));
        assertEquals(FALSE, soon("args.content.matches(\"PRIVATE KEY\")", asked));
        assertEquals(TRUE, soon("args.content.matches(\"xx\")", asked));
        assertEquals(TRUE, soon("args.to.map(t, t.size()).all(n, n < 100)", asked));
    }

    @Test
    void what_takes_too_many_steps_fails_and_does_not_answer() {
        assertEquals(ERROR, soon("args.numbers.all(n, n >= 0)", HUGE), "more items than may be visited");
        assertEquals(ERROR, soon("!args.numbers.all(n, args.text == args.same)", HUGE));
        assertEquals(ERROR, soon("args.text.matches(\"(a|aa)*b\")", HUGE));
        assertEquals(TRUE, soon("args.numbers.exists(n, n == 9000)", HUGE));
        assertEquals(FALSE, soon("args.deep.all(a, a.all(b, b.all(c, c == 2)))", HUGE));
    }
}
