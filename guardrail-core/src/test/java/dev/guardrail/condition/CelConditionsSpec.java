package dev.guardrail.condition;

import static dev.guardrail.condition.Truth.ERROR;
import static dev.guardrail.condition.Truth.FALSE;
import static dev.guardrail.condition.Truth.TRUE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonNumber;
import dev.guardrail.session.PastCall;
import dev.guardrail.session.Trajectory;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What conditions answer.
final class CelConditionsSpec {
    private static final CelConditions CONDITIONS = new CelConditions();

    private static final Asked ANY = Asked.with("""
            {"path": "a/b.txt", "amount": 75000, "half": 0.5, "one": 1.0, "minus": -0.0, "none": null, "yes": true,
             "dry-run": false, "to": ["eve@x.example", "bob@y.example"], "deep": {"list": [{"n": 1}, {"n": 2}]},
             "big": 9007199254740993}
            """);

    private static Condition condition(String source) {
        var compiled = CONDITIONS.compile(source, List.of());
        return compiled.condition().orElseThrow(() -> new AssertionError(source + ": " + compiled.findings()));
    }

    /// What the condition answers, lowered or not, and on CEL in any case.
    private static Truth ask(String source, Asked asked) {
        Truth answer = condition(source).test(asked.facts());
        assertEquals(answer, CONDITIONS.onCel(source).test(asked.facts()), "on CEL: " + source);
        return answer;
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', quoteCharacter = '~', textBlock = """
            TRUE;  args.path == "a/b.txt"
            FALSE; args.path == "a/b"
            TRUE;  args["path"] == "a/b.txt"
            TRUE;  args.amount > 50000
            FALSE; args.amount > 75000.5
            TRUE;  args.amount == 75000.0
            TRUE;  args.amount == 75000u
            TRUE;  args.one == 1
            TRUE;  args.half < 1
            TRUE;  args.amount in [1, 75000.0]
            FALSE; args.amount == "75000"
            ERROR; args.amount < "75000"
            FALSE; !(args.yes)
            TRUE;  args.yes
            ERROR; args.path
            ERROR; args.missing == 1
            ERROR; args.missing.deeper == 1
            FALSE; has(args.missing)
            TRUE;  has(args.none)
            ERROR; has(args.missing.deeper)
            TRUE;  args.none == null
            FALSE; args.none == 0
            ERROR; args.none < 1
            TRUE;  args.missing == 1 || args.yes
            FALSE; args.missing == 1 && !args.yes
            ERROR; args.missing == 1 && args.yes
            FALSE; args.`dry-run`
            TRUE;  args.to.all(a, a.endsWith(".example"))
            TRUE;  args.to.exists(a, a.startsWith("bob@"))
            FALSE; args.to.exists_one(a, a.contains("@"))
            TRUE;  "eve@x.example" in args.to
            TRUE;  "path" in args
            TRUE;  args.deep.list[1].n == 2
            ERROR; args.deep.list[2].n == 2
            TRUE;  args.deep.list.map(x, x.n) == [1, 2]
            TRUE;  args.deep.list.filter(x, x.n > 1).size() == 1
            TRUE;  args.deep == {"list": [{"n": 1}, {"n": 2.0}]}
            TRUE;  size(args.path) == 7 && size(args.to) == 2
            TRUE;  args.path.matches("^a/.*[.]txt$")
            FALSE; args.path.matches("^b")
            TRUE;  tool.server == "files" && tool.name == "write_file" && tool.effect == "write"
            TRUE;  "fs-write" in tool.labels && tool.annotations.readOnlyHint
            TRUE;  agent.name == "coder" && "developer" in agent.roles && !("admin" in agent.roles)
            TRUE;  user == "ann"
            TRUE;  session.id == "ses_1" && session.task == "" && session.taints.size() == 0
            TRUE;  call.reason == "because" && call.risk == "high" && call.purpose == "act"
            TRUE;  call.time == timestamp("2026-06-01T12:00:00Z") && call.time < timestamp("2026-06-02T00:00:00Z")
            TRUE;  call.time + duration("1h") > timestamp("2026-06-01T12:30:00Z") && call.time.getHours() == 12
            TRUE;  args.amount >= 50000 ? args.yes : args.missing
            TRUE;  type(args.amount) == int && int(args.half + 0.5) == 1
            """)
    void answers(Truth expected, String source) {
        assertEquals(expected, ask(source, ANY), source);
    }

    @Test
    void numbers_reach_cel_exactly_and_never_as_a_decimal_that_equals_nothing() {
        assertEquals(TRUE, ask("args.big == 9007199254740993", ANY));
        assertEquals(FALSE, ask("args.big == 9007199254740992", ANY));
        assertEquals(TRUE, ask("args.minus == 0 && !(args.minus < 0)", ANY), "minus zero does not slip below zero");
        assertEquals(TRUE, ask("args.n == 100000000000000000000.0", Asked.with("{\"n\": 1e20}")));
        assertEquals(TRUE, ask("args.n == -9223372036854775808", Asked.with("{\"n\": -9223372036854775808}")));
    }

    @Test
    void a_null_is_a_null_and_not_an_unknown_that_counts_as_true() {
        assertEquals(ERROR, ask("args.none", ANY));
        assertEquals(ERROR, ask("args.none && true", ANY));
        assertEquals(FALSE, ask("args.none != null", ANY));
        assertEquals(TRUE, ask("args.yes && true", ANY));
    }

    @Test
    void a_call_without_a_user_fails_what_asks_for_one() {
        assertEquals(ERROR, ask("user == \"ann\"", ANY.user(Optional.empty())));
        assertEquals(ERROR, ask("user != \"eve\"", ANY.user(Optional.empty())));
        assertEquals(TRUE, ask("user != \"eve\"", ANY));
    }

    @Test
    void a_path_is_judged_by_its_facts_and_an_unknown_one_is_an_error() {
        var asked = Asked.with("{\"path\": \"notes/../x\"}").path("notes/../x", "/workspace/x");
        assertEquals(TRUE, ask("path.within(args.path, \"/workspace\")", asked));
        assertEquals(TRUE, ask("path.within(args.path, \"/workspace/\")", asked));
        assertEquals(TRUE, ask("path.within(args.path, \"/\")", asked));
        assertEquals(FALSE, ask("path.within(args.path, \"/work\")", asked));
        assertEquals(TRUE, ask("path.within(args.path, \".\")", asked), "the server's root");
        assertEquals(TRUE, ask("path.real(args.path) == \"/workspace/x\"", asked));
        assertEquals(ERROR, ask("path.within(args.path, \"/workspace\")", Asked.with("{\"path\": \"notes/../x\"}")));
        assertEquals(ERROR, ask("path.within(args.path, args.path)", asked), "no relative directory");
        assertEquals(ERROR, ask("path.within(args.path, \"/workspace\")", Asked.with("{\"path\": 1}")));
        assertTrue(condition("path.within(args.path, \"/workspace\")").readsPaths());
        assertFalse(condition("args.path == \"/workspace\"").readsPaths());
    }

    @Test
    void the_end_of_the_window_is_an_error_and_never_false() {
        var run = Asked.past("ci.run", "{\"sha\": \"abc\"}", true);
        var other = Asked.past("files.read_file", "{}", false);
        String wanted = "session.calls.exists(c, c.tool == \"ci.run\" && c.ok && c.args.sha == args.sha)";
        var asked = Asked.with("{\"sha\": \"abc\"}");

        assertEquals(TRUE, ask(wanted, asked.calls(true, other, run)));
        assertEquals(FALSE, ask(wanted, asked.calls(true, other)));
        assertEquals(TRUE, ask(wanted, asked.calls(false, run, other)));
        assertEquals(TRUE, ask(wanted, asked.calls(false, other, run)), "the answer is the last call of the window");
        assertEquals(ERROR, ask(wanted, asked.calls(false, other)));
        assertEquals(ERROR, ask("!" + wanted, asked.calls(false, other)));
        assertEquals(FALSE, ask("session.calls.all(c, c.ok)", asked.calls(false, run, other)));
        assertEquals(ERROR, ask("session.calls.all(c, c.ok)", asked.calls(false, run)));
        assertEquals(TRUE, ask("session.calls.all(c, c.ok)", asked.calls(true, run)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "session.calls.size() == 1",
                "size(session.calls) > 0",
                "session.calls[0].ok",
                "session.calls.filter(c, c.ok).size() == 1",
                "session.calls.map(c, 1) == [1]",
                "session.calls.exists_one(c, c.ok)",
                "session.calls.exists(c, false)",
                "session.calls.all(c, true)",
                "dyn({\"a\": 1}) in session.calls",
                "(session.calls + []).size() == 1"
            })
    void whatever_needs_all_calls_fails_at_the_end_of_the_window(String source) {
        var run = Asked.past("ci.run", "{}", true);
        var asked = Asked.with("{}");
        assertEquals(ERROR, ask(source, asked.calls(false, run)), source);
        assertTrue(ask(source, asked.calls(true, run)) != ERROR, "with all calls known: " + source);
    }

    @Test
    void taints_and_tools_seen_are_never_forgotten() {
        var asked = Asked.with("{}").session(Set.of("secret"), new Trajectory(List.of(), false));
        assertEquals(TRUE, ask("\"secret\" in session.taints", asked));
        assertEquals(FALSE, ask("\"web\" in session.taints", asked));
        assertEquals(TRUE, ask("session.seen(\"files.read_file\")", asked));
        assertEquals(FALSE, ask("session.seen(\"web.fetch\")", asked));
        assertEquals(TRUE, ask("session.taints.exists(t, session.seen(\"files.\" + \"read_file\"))", asked));
    }

    @Test
    void conditions_tell_whether_their_answer_can_turn() {
        for (String turning : List.of(
                "session.seen(\"a.b\")",
                "session.calls.exists(c, c.ok)",
                "call.time > timestamp(\"2026-01-01T00:00:00Z\")",
                "call.risk == \"high\"")) assertTrue(condition(turning).canTurn(), turning);
        for (String fixed : List.of(
                "args.a == 1",
                "agent.name == \"x\"",
                "session.id == \"x\"",
                "\"secret\" in session.taints",
                "session.irreversible >= 3",
                "call.purpose == \"undo\"",
                "args.xs.all(session, session == 1)",
                "args.xs.exists(call, call.time == 1)"))
            assertFalse(condition(fixed).canTurn(), fixed);
    }

    @Test
    void common_comparisons_are_lowered_and_others_run_on_cel() {
        for (String common : List.of(
                "args.a.b == 1 && args.c != \"x\" || !(args.d in [1, 2])",
                "path.within(args.p, \"/c\") && args.p.startsWith(\"x\")",
                "agent.name == \"x\" && \"r\" in agent.roles && user == \"u\"",
                "\"x\" in session.taints && !session.seen(\"a.b\")",
                "args.p.matches(\"[.]git\")",
                "has(args.a.b) ? args.c > 1.5 : args.d[0].e"))
            assertInstanceOf(Lowered.class, condition(common), common);
        for (String rare : List.of("args.xs.all(x, x > 1)", "size(args.x) > 1", "args.a + 1 == 2"))
            assertInstanceOf(CelCondition.class, condition(rare), rare);
    }

    @Test
    void a_value_is_worked_out_as_json_or_not_at_all() {
        assertEquals(Optional.of(JsonNumber.of(1000)), value("1000"));
        assertEquals(
                Optional.<Json>of(Asked.json("{\"a\": [1, 0.5, \"a/b.txt\", true, null], \"b\": {\"n\": 2}}")),
                value("{\"a\": [1, args.half, args.path, args.yes, args.none], \"b\": args.deep.list[1]}"));
        assertEquals(Optional.of(Asked.json("{\"v\": 75001}").get("v").orElseThrow()), value("args.amount + 1"));
        assertEquals(Optional.empty(), value("args.missing"));
        assertEquals(Optional.empty(), value("1 / 0"));
        assertEquals(Optional.empty(), value("call.time"));
        assertEquals(Optional.empty(), value("b\"raw\""));
        assertEquals(Optional.empty(), value("1.0 / 0.0"));
        assertEquals(Optional.empty(), value("{1: 2}"));
    }

    private static Optional<Json> value(String source) {
        var compiled = CONDITIONS.compileValue(source, List.of());
        return compiled.expression()
                .orElseThrow(() -> new AssertionError(compiled.findings().toString()))
                .evaluate(ANY.facts());
    }

    @Test
    void nothing_that_happens_within_a_condition_escapes_it() {
        var deep = new StringBuilder();
        for (int i = 0; i < 60; i++) deep.append("{\"a\":");
        deep.append('1').append("}".repeat(60));
        assertEquals(FALSE, ask("args == {}", Asked.with(deep.toString())));
        assertEquals(ERROR, ask("args.a / 0 == 1", Asked.with("{\"a\": 1}")));
        assertEquals(ERROR, ask("args.a * 9223372036854775807 > 1", Asked.with("{\"a\": 2}")));
        assertEquals(ERROR, ask("timestamp(args.a) > call.time", Asked.with("{\"a\": \"soon\"}")));
        assertEquals(ERROR, ask("args.a.matches(args.a)", Asked.with("{\"a\": \"(\"}")));
    }

    @Test
    void a_window_of_calls_is_read_within_its_bounds() {
        var calls = IntStream.range(0, Trajectory.WINDOW)
                .mapToObj(i -> Asked.past("a.t" + i, "{\"n\": " + i + "}", true))
                .toArray(PastCall[]::new);
        var asked = Asked.with("{}").calls(true, calls);
        assertEquals(TRUE, ask("session.calls.exists(c, c.args.n == 255)", asked));
        assertEquals(TRUE, ask("session.calls.all(c, c.time < call.time)", asked));
    }
}
