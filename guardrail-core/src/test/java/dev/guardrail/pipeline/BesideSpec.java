package dev.guardrail.pipeline;

import static dev.guardrail.testing.RuleDraft.allow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.guardrail.base.JsonBoolean;
import dev.guardrail.base.JsonObject;
import dev.guardrail.call.DecisionRequest;
import dev.guardrail.call.Template;
import dev.guardrail.call.ToolDefinition;
import dev.guardrail.call.ToolEffect;
import dev.guardrail.call.ToolName;
import dev.guardrail.call.UndoHook;
import dev.guardrail.journal.CallRecord;
import dev.guardrail.testing.Calls;
import dev.guardrail.testing.MemoryStore;
import dev.guardrail.testing.Rig;
import dev.guardrail.testing.Shelf;
import dev.guardrail.undo.UndoStep;
import dev.guardrail.undo.UndoStep.State;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Calls that a server of ours takes back, beside the tool that made the change.
final class BesideSpec {
    private final Rig rig = new Rig(new MemoryStore());
    private String cell = "zero";
    private boolean meddles;
    private final List<String> looks = new ArrayList<>();

    {
        var target = new Template(JsonObject.with("name", "${args.name}").build());
        rig.tool(tool("far.set", ToolEffect.WRITE, Optional.of(UndoHook.by("near", target, UndoHook.KEPT))));
        rig.tool(tool("near." + ToolName.LOOK, ToolEffect.READ, Optional.empty()));
        rig.tool(tool("near." + ToolName.RESTORE, ToolEffect.WRITE, Optional.empty()));
        rig.rules(allow("any").on("*.*").rule()).upstream(this::ran).sight(this::seen);
    }

    @AfterEach
    void close() {
        rig.close();
    }

    private static ToolDefinition tool(String name, ToolEffect effect, Optional<UndoHook> undo) {
        ToolDefinition plain = Calls.tool(name);
        return new ToolDefinition(
                plain.name(),
                plain.definition(),
                Optional.empty(),
                effect,
                Set.of(),
                Set.of(),
                false,
                false,
                plain.digest(),
                undo);
    }

    private Outcome seen(DecisionRequest question) {
        looks.add(question.context().purpose() + " "
                + question.action()
                        .arguments()
                        .object(ToolName.AGAIN)
                        .map(JsonObject::toString)
                        .orElse("first"));
        return new Outcome.Answered(
                JsonObject.with(
                                "structuredContent",
                                JsonObject.with(
                                                "state",
                                                JsonObject.with("value", cell).build())
                                        .with("version", "v-" + cell)
                                        .build())
                        .build(),
                true);
    }

    private Outcome ran(DecisionRequest request) {
        JsonObject arguments = request.action().arguments();
        if (request.action().tool().toString().equals("far.set")) {
            cell = arguments.text("to").orElseThrow();
            return Shelf.found("set");
        }
        if (meddles) cell = "meddled";
        if (!arguments.text("expect").equals(Optional.of("v-" + cell)))
            return new Outcome.Answered(
                    JsonObject.with("isError", JsonBoolean.TRUE)
                            .with(
                                    "structuredContent",
                                    JsonObject.with("changed", JsonBoolean.TRUE).build())
                            .build(),
                    false);
        cell = arguments.object("state").flatMap(state -> state.text("value")).orElseThrow();
        return Shelf.found("put back");
    }

    private CallRecord set(String to) {
        return assertInstanceOf(
                        Reply.Ran.class,
                        rig.propose(
                                "far.set",
                                JsonObject.with("name", "a").with("to", to).build()))
                .call();
    }

    private UndoStep undo(CallRecord call) {
        return rig.guard
                .undoing()
                .call(call.id(), new Undoing.Wish(Rig.OTTO, false, "by mistake"))
                .steps()
                .getFirst();
    }

    @Test
    void what_was_there_is_put_back_where_nobody_changed_what_the_call_left() {
        CallRecord call = set("one");
        assertEquals("one", cell);

        assertEquals(State.UNDONE, undo(call).state());
        assertEquals("zero", cell);
    }

    @Test
    void each_look_after_the_first_is_told_what_the_first_one_found() {
        CallRecord call = set("one");
        assertEquals(List.of("ACT first", "ACT {\"value\":\"zero\"}"), looks);

        undo(call);
        assertEquals("UNDO {\"value\":\"zero\"}", looks.getLast());
    }

    @Test
    void a_change_between_the_look_and_putting_back_is_a_conflict_and_stays() {
        CallRecord call = set("one");
        meddles = true;

        UndoStep step = undo(call);

        assertEquals(State.CONFLICT, step.state());
        assertEquals("it was changed since by somebody else", step.why());
        assertEquals("meddled", cell);
        assertEquals(State.CONFLICT, undo(call).state());
    }

    @Test
    void no_agent_can_look_or_put_back_whatever_rules_permit() {
        var arguments = JsonObject.with("name", "a")
                .with("state", JsonObject.with("value", "mine").build())
                .with("expect", "v-zero")
                .build();
        for (String tool : new String[] {ToolName.LOOK, ToolName.RESTORE}) {
            var refused = assertInstanceOf(Reply.Refused.class, rig.propose("near." + tool, arguments));
            assertEquals("There is no such tool here.", refused.call().message());
        }
        assertEquals("zero", cell);
        set("one");
        assertEquals("one", cell);
    }
}
