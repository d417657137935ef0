package dev.guardrail.policy;

import static dev.guardrail.policy.DecisionPointSpec.ids;
import static dev.guardrail.policy.DecisionPointSpec.main;
import static dev.guardrail.policy.DecisionPointSpec.value;
import static dev.guardrail.policy.DecisionPointSpec.when;
import static dev.guardrail.testing.Calls.facts;
import static dev.guardrail.testing.RuleDraft.allow;
import static dev.guardrail.testing.RuleDraft.deny;
import static dev.guardrail.testing.RuleDraft.modify;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.guardrail.base.JsonNumber;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import dev.guardrail.condition.Facts;
import java.util.List;
import org.junit.jupiter.api.Test;

/// `modify` rules: once, on the original call, without contradiction.
class AmendmentSpec {
    private static final Facts FIVE = facts(
            "db.query",
            JsonObject.with("limit", JsonNumber.of(5))
                    .with("options", JsonObject.with("deep", "yes").build())
                    .with("text", "t")
                    .build());

    @Test
    void arguments_are_set_where_the_rule_applies() {
        var policies =
                main(when(modify("cap"), "!has(args.limit) || args.limit > 3").set("args.limit", value("3")));
        var changed = assertInstanceOf(Amendment.Changed.class, amend(policies));
        assertEquals(ids("cap"), changed.rules());
        assertEquals(FIVE.request().action().arguments().set("limit", JsonNumber.of(3)), changed.arguments());
        assertEquals(
                List.of("limit", "options", "text"),
                List.copyOf(changed.arguments().members().keySet()));
    }

    @Test
    void nothing_changes_where_no_rule_applies_or_it_says_what_stands_there() {
        assertEquals(Amendment.UNCHANGED, amend(main(allow("a").on("*.*"))));
        assertEquals(
                Amendment.UNCHANGED,
                amend(main(when(modify("m"), "args.limit > 9").set("args.limit", value("3")))));
        assertEquals(Amendment.UNCHANGED, amend(main(modify("m").on("mail.*").set("args.limit", value("3")))));
        assertEquals(
                Amendment.UNCHANGED,
                amend(main(modify("m").on("*.*").roles("clerk").set("args.limit", value("3")))));
        assertEquals(Amendment.UNCHANGED, amend(main(modify("m").on("*.*").set("args.limit", value("5")))));
    }

    @Test
    void each_rule_reads_the_original_call() {
        var policies = main(
                modify("a").on("*.*").set("args.limit", value("args.limit + 1")),
                modify("b").on("*.*").set("args.copy", value("args.limit")));
        var changed = assertInstanceOf(Amendment.Changed.class, amend(policies));
        assertEquals(JsonNumber.of(6), changed.arguments().get("limit").orElseThrow());
        assertEquals(JsonNumber.of(5), changed.arguments().get("copy").orElseThrow());
        assertEquals(ids("a", "b"), changed.rules());
    }

    @Test
    void a_path_leads_into_objects_and_makes_them() {
        var policies = main(modify("m")
                .on("*.*")
                .set("args.options.deep", value("\"no\""))
                .set("args.new.inner.most", value("true")));
        var arguments =
                assertInstanceOf(Amendment.Changed.class, amend(policies)).arguments();
        assertEquals(
                new JsonText("no"),
                arguments.object("options").orElseThrow().get("deep").orElseThrow());
        assertEquals(
                "{\"inner\":{\"most\":true}}",
                arguments.get("new").orElseThrow().toString());
    }

    @Test
    void agreeing_values_are_no_conflict() {
        var policies = main(
                modify("a").on("*.*").set("args.limit", value("3")),
                modify("b").on("*.*").set("args.limit", value("3")));
        assertInstanceOf(Amendment.Changed.class, amend(policies));
    }

    @Test
    void conflicting_values_deny() {
        var three = modify("a").on("*.*").set("args.limit", value("3"));
        var four = modify("b").on("*.*").set("args.limit", value("4"));
        assertEquals(refused(Cause.POLICY, "a", "b"), amend(main(three, four)));
    }

    @Test
    void a_path_and_its_beginning_are_a_conflict() {
        var whole = modify("a").on("*.*").set("args.options", value("1"));
        var part = modify("b").on("*.*").set("args.options.deep.down", value("4"));
        assertEquals(refused(Cause.POLICY, "a", "b"), amend(main(whole, part)));
        var beside = modify("c").on("*.*").set("args.option", value("4"));
        assertInstanceOf(Amendment.Changed.class, amend(main(whole, beside)));
    }

    @Test
    void a_failing_rule_denies_as_a_fault_of_the_guard() {
        assertEquals(
                refused(Cause.GUARD_ERROR, "m"),
                amend(main(when(modify("m"), "args.missing == 1").set("args.limit", value("3")))));
        assertEquals(
                refused(Cause.GUARD_ERROR, "m"),
                amend(main(modify("m").on("*.*").set("args.limit", value("args.missing")))));
        assertEquals(
                refused(Cause.GUARD_ERROR, "m"),
                amend(main(modify("m").on("*.*").set("args.text.inner", value("1")))),
                "a text is no object");
    }

    @Test
    void a_rule_that_denies_the_call_as_it_stands_speaks_before_the_fault() {
        var fails = when(modify("m"), "args.missing == 1").set("args.limit", value("3"));
        assertEquals(
                new Amendment.Refused(new Decision.Deny(ids("d"), Cause.POLICY, "No.", List.of(), true)),
                amend(main(fails, deny("d").on("*.*").text("No."))));
        assertEquals(refused(Cause.GUARD_ERROR, "m"), amend(main(fails)), "silence is no rule");
        assertEquals(refused(Cause.GUARD_ERROR, "m"), amend(main(fails, when(deny("d"), "args.missing == 1"))));
    }

    private static Amendment amend(PolicySet policies) {
        return new DecisionPoint(policies).amend(FIVE);
    }

    private static Amendment refused(Cause cause, String... rules) {
        return new Amendment.Refused(new Decision.Deny(ids(rules), cause, "", List.of(), false));
    }
}
