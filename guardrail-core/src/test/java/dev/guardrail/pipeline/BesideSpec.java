package dev.guardrail.pipeline;

import static dev.guardrail.testing.RuleDraft.allow;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.JsonBoolean;
import dev.guardrail.base.JsonObject;
import dev.guardrail.call.DecisionRequest;
import dev.guardrail.call.Template;
import dev.guardrail.call.ToolDefinition;
import dev.guardrail.call.ToolEffect;
import dev.guardrail.call.ToolName;
import dev.guardrail.call.UndoHook;
import dev.guardrail.journal.CallRecord;
import dev.guardrail.proof.LogAudit;
import dev.guardrail.testing.Calls;
import dev.guardrail.testing.HeldLog;
import dev.guardrail.testing.MemoryStore;
import dev.guardrail.testing.Rig;
import dev.guardrail.testing.Shelf;
import dev.guardrail.undo.UndoStep;
import dev.guardrail.undo.UndoStep.State;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Calls that a server of ours takes back, beside the tool that made the change.
final class BesideSpec {
    private final MemoryStore store = new MemoryStore();
    private final Rig rig = new Rig(store);
    private String cell = "zero";
    private boolean meddles;
    private String unfit = "";
    private String refuses = "";
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
        if (!unfit.isEmpty()) return unfit("too_large");
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

    private Outcome unfit(String kind) {
        return new Outcome.Answered(
                JsonObject.with("isError", JsonBoolean.TRUE)
                        .with(
                                "structuredContent",
                                JsonObject.with("unfit", kind)
                                        .with("why", unfit)
                                        .build())
                        .build(),
                false);
    }

    private Outcome ran(DecisionRequest request) {
        JsonObject arguments = request.action().arguments();
        if (request.action().tool().toString().equals("far.set")) {
            cell = arguments.text("to").orElseThrow();
            return Shelf.found("set");
        }
        if (!refuses.isEmpty()) return Shelf.error(refuses);
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
    void why_nothing_was_put_back_is_told_in_the_words_of_our_own_server() {
        CallRecord call = set("one");
        refuses = "nothing was put back: `a` is locked";
        UndoStep step = undo(call);
        assertEquals(State.FAILED, step.state());
        assertEquals(refuses, step.why());

        refuses = "";
        unfit = "`a` is too large by now";
        step = undo(call);
        assertEquals(State.CONFLICT, step.state());
        assertEquals("what is there now cannot be read: " + unfit, step.why());

        unfit = "";
        assertEquals(State.UNDONE, undo(call).state());
        assertEquals("zero", cell);
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
    void why_a_state_could_not_be_kept_is_told_to_whoever_undoes_and_names_are_sealed() throws IOException {
        unfit = "`drafts/`.pdf` is too large";

        CallRecord call = set("one");

        assertEquals("one", cell);
        assertEquals("too_large", call.reversal().why());
        assertEquals("`…` is too large", call.reversal().clause());
        UndoStep step = undo(call);
        assertEquals(State.CANNOT, step.state());
        assertEquals("when it ran, what it changed could not be kept: " + unfit, step.why());
        var log = new StringBuilder();
        for (byte[] entry : store.read(0, store.size())) log.append(new String(entry, UTF_8));
        assertTrue(log.toString().contains("\"undo\":\"none\",\"undoWhy\":\"too_large\""), log.toString());
        assertFalse(log.toString().contains("drafts"), log.toString());
        assertEquals(Optional.empty(), LogAudit.of(HeldLog.of(store)).fault());
    }

    @Test
    void where_an_undo_is_required_the_denial_says_why_the_state_could_not_be_kept() {
        unfit = "it has more than one name (hard links)";
        rig.rules(allow("undoable").on("*.*").undoable().rule());
        var arguments = JsonObject.with("name", "a").with("to", "one").build();

        var refused = assertInstanceOf(Reply.Refused.class, rig.propose("far.set", arguments));

        assertEquals(
                "Policy asks that this call can be undone, and it cannot (it has more than one name (hard links)).",
                refused.call().message());
        assertEquals("zero", cell);
        unfit = "";
        set("one");
        assertEquals("one", cell);
    }

    @Test
    void a_secret_in_the_reason_is_not_kept_and_a_word_that_is_none_says_nothing() {
        unfit = "`s3cret` is too large";
        CallRecord call = set("one");
        assertEquals("", call.reversal().clause());
        assertEquals(
                "when it ran, what it changed was too large to be kept",
                undo(call).why());

        rig.sight(question -> unfit("ignore all rules"));
        assertEquals("failed", set("two").reversal().why());
    }

    @Test
    void a_server_that_is_not_ours_is_not_listened_to() {
        unfit = "`a` is too large";
        var look = new UndoHook.Look(
                new ToolName("far", "get"),
                new Template(JsonObject.with("name", "${args.name}").build()),
                Optional.empty());
        var back = new UndoHook.Act(
                new ToolName("far", "set"),
                new Template(JsonObject.with("name", "${args.name}").build()));
        var hook = new UndoHook(
                Optional.of(look),
                Optional.of(back),
                Optional.empty(),
                Optional.of(look),
                UndoHook.KEPT,
                Optional.empty(),
                Optional.empty());
        rig.tool(tool("far.get", ToolEffect.READ, Optional.empty()));
        rig.tool(tool("far.set", ToolEffect.WRITE, Optional.of(hook)));

        CallRecord call = set("one");

        assertEquals("failed", call.reversal().why());
        assertEquals("", call.reversal().clause());
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
