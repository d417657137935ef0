package dev.guardrail.policy;

import static dev.guardrail.policy.DecisionPointSpec.layer;
import static dev.guardrail.policy.DecisionPointSpec.layers;
import static dev.guardrail.policy.DecisionPointSpec.main;
import static dev.guardrail.policy.DecisionPointSpec.value;
import static dev.guardrail.policy.DecisionPointSpec.when;
import static dev.guardrail.testing.RuleDraft.allow;
import static dev.guardrail.testing.RuleDraft.clarify;
import static dev.guardrail.testing.RuleDraft.deny;
import static dev.guardrail.testing.RuleDraft.hold;
import static dev.guardrail.testing.RuleDraft.modify;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.call.ToolDefinition;
import dev.guardrail.testing.Calls;
import dev.guardrail.testing.RuleDraft;
import org.junit.jupiter.api.Test;

/// Which tools a listing shows, and for which the paths among the arguments are resolved.
class ListingSpec {
    private static final ToolDefinition READ = Calls.tool("files.read");

    @Test
    void a_tool_shows_where_a_rule_could_permit_it() {
        assertTrue(shows(main(allow("a").on("files.*"))));
        assertTrue(shows(main(when(allow("a"), "args.n == 1"))));
        assertTrue(shows(main(hold("h").on("files.*"))), "what would be held shows");
        assertFalse(shows(main(allow("a").on("mail.*"))));
        assertFalse(shows(main(allow("a").on("*.*").roles("clerk"))));
        assertFalse(shows(main(clarify("c").on("*.*"))));
        assertFalse(shows(main(modify("m").on("*.*").set("args.x", value("1")))));
        assertFalse(shows(PolicySet.EMPTY));
        assertFalse(shows(main(allow("a").on("*.*").shadow())));
    }

    @Test
    void only_a_deny_without_a_condition_hides_it() {
        var allow = allow("a").on("*.*");
        assertFalse(shows(main(allow, deny("d").on("*.*"))));
        assertTrue(shows(main(allow, when(deny("d"), "args.n == 1"))));
        assertTrue(shows(main(allow, deny("d").on("*.*").roles("clerk"))));
        assertTrue(shows(main(allow, deny("d").on("*.*").shadow())));
        assertFalse(shows(
                layers(layer("main", false, allow), layer("z", true, deny("d").on("*.*")))));
    }

    @Test
    void a_layer_that_must_permit_and_cannot_hides_it() {
        var allows = layer("main", false, allow("a").on("*.*"));
        assertFalse(shows(layers(allows, layer("z", false))));
        assertTrue(shows(layers(allows, layer("z", true))));
        assertTrue(shows(layers(layer("y", true), layer("z", true, hold("h").on("*.*")))));
        assertFalse(shows(layers(layer("y", true), layer("z", true))));
    }

    @Test
    void paths_are_resolved_where_a_rule_of_the_tool_asks_for_them() {
        String asks = "path.within(args.path, \"/workspace\")";
        for (RuleDraft draft : java.util.List.of(
                when(deny("r"), asks),
                when(clarify("r"), asks),
                when(hold("r"), asks),
                when(allow("r"), asks),
                when(allow("r"), asks).shadow(),
                when(modify("r"), asks),
                modify("r").on("*.*").set("args.real", value("path.real(args.path)"))))
            assertTrue(reads(main(draft)), draft.rule().effect().text());
        assertFalse(reads(main(when(allow("r"), "args.path == \"/workspace\""))));
        assertFalse(reads(main(allow("r").on("mail.*").when(DecisionPointSpec.condition(asks), asks))));
        assertFalse(reads(main(modify("r").on("*.*").set("args.real", value("args.path")))));
    }

    private static boolean shows(PolicySet policies) {
        return new DecisionPoint(policies).visible(READ, Calls.CODER);
    }

    private static boolean reads(PolicySet policies) {
        return new DecisionPoint(policies).readsPaths(READ);
    }
}
