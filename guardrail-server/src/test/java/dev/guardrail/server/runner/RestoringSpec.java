package dev.guardrail.server.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.ProblemType;
import dev.guardrail.call.CallId;
import dev.guardrail.call.Context;
import dev.guardrail.call.DecisionRequest;
import dev.guardrail.call.PathFacts;
import dev.guardrail.call.Purpose;
import dev.guardrail.call.ToolName;
import dev.guardrail.pipeline.Attendance;
import dev.guardrail.pipeline.Outcome;
import dev.guardrail.testing.Calls;
import dev.guardrail.undo.Compensator;
import dev.guardrail.undo.Hindrance;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/// A compensator as tools.
final class RestoringSpec {
    private static final Duration SHORT = Duration.ofMillis(50);
    private static final Duration LONG = Duration.ofSeconds(30);

    /// One cell.
    private static class Cell implements Compensator {
        private String value = "zero";

        @Override
        public JsonObject target() {
            return JsonObject.with("type", "object")
                    .with(
                            "properties",
                            JsonObject.with(
                                            "name",
                                            JsonObject.with("type", "string").build())
                                    .build())
                    .with("required", JsonArray.ofTexts(List.of("name")))
                    .build();
        }

        @Override
        public Look look(JsonObject target, PathFacts paths) throws IOException {
            return target.text("name").orElseThrow().equals("large")
                    ? new Look.Unfit("larger than it may be")
                    : new Look.Seen(JsonObject.with("value", value).build(), "v-" + value, List.of("cell/a"));
        }

        @Override
        public Restored restore(JsonObject target, JsonObject state, String expect, CallId by, PathFacts paths)
                throws IOException {
            if (target.has("state")) throw new IOException("the target holds the state");
            if (target.text("name").orElseThrow().equals("broken")) throw new IOException("the disk is gone");
            if (!expect.equals("v-" + value)) return new Restored.Changed();
            value = state.text("value").orElseThrow();
            return new Restored.Done();
        }

        @Override
        public void close() {}
    }

    private static Outcome look(Compensator compensator, String name, Duration atMost) {
        return new Restoring(compensator)
                .look(request(ToolName.LOOK, JsonObject.with("name", name).build()), atMost);
    }

    private static Outcome restore(Compensator compensator, String name, String expect) {
        var arguments = JsonObject.with("name", name)
                .with("state", JsonObject.with("value", "one").build())
                .with("expect", expect)
                .build();
        return new Restoring(compensator)
                .run(WorkspaceRig.lease(), request(ToolName.RESTORE, arguments), Attendance.silent(LONG));
    }

    private static DecisionRequest request(String tool, JsonObject arguments) {
        return Calls.request(Calls.tool("near." + tool), Calls.CODER, arguments);
    }

    @Test
    void both_tools_take_the_target_and_putting_back_takes_the_state_too() {
        var definitions = new Restoring(new Cell()).definitions();
        assertEquals(
                List.of("undo:look", "undo:restore"),
                definitions.stream()
                        .map(tool -> tool.text("name").orElseThrow())
                        .toList());
        assertEquals(
                List.of("name", "state", "expect"),
                definitions
                        .getLast()
                        .object("inputSchema")
                        .flatMap(schema -> schema.array("required"))
                        .orElseThrow()
                        .texts());
    }

    @Test
    void looking_gives_state_version_and_what_it_is_about() {
        var seen = assertInstanceOf(Outcome.Answered.class, look(new Cell(), "a", LONG));
        assertTrue(seen.ok());
        assertEquals(
                "{\"state\":{\"value\":\"zero\"},\"version\":\"v-zero\",\"touches\":[\"cell/a\"]}",
                ((JsonObject) seen.result())
                        .object("structuredContent")
                        .orElseThrow()
                        .toString());
    }

    @Test
    void what_cannot_be_kept_is_told_with_its_kind_and_on_one_line() {
        var unfit = assertInstanceOf(Outcome.Answered.class, look(new Cell(), "large", LONG));
        assertFalse(unfit.ok());
        assertEquals(
                "{\"unfit\":\"unfit\",\"why\":\"larger than it may be\"}",
                ((JsonObject) unfit.result())
                        .object("structuredContent")
                        .orElseThrow()
                        .toString());
        var wild = new Cell() {
            @Override
            public Look look(JsonObject target, PathFacts paths) {
                return new Look.Unfit(Hindrance.TOO_LARGE, "`a\nb\u202e` is too large");
            }
        };
        assertTrue(
                look(wild, "a", LONG).toString().contains("`a\u2039U+000A\u203ab\u2039U+202E\u203a` is too large"),
                () -> look(wild, "a", LONG).toString());
    }

    @Test
    void what_was_read_before_is_read_again_and_no_part_of_the_target() {
        var asked = new ArrayList<String>();
        var cell = new Cell() {
            @Override
            public Look again(JsonObject target, JsonObject before, boolean left, PathFacts paths) throws IOException {
                asked.add(target + " " + before + " " + left);
                return look(target, paths);
            }
        };
        var arguments = JsonObject.with("name", "a")
                .with("again", JsonObject.with("value", "minus").build())
                .build();
        var act = request(ToolName.LOOK, arguments);
        var undo = new DecisionRequest(
                act.call(),
                act.subject(),
                act.action(),
                act.resource(),
                new Context(act.context().time(), "", act.context().risk(), Purpose.UNDO));

        look(cell, "a", LONG);
        for (DecisionRequest question : List.of(act, undo)) new Restoring(cell).look(question, LONG);

        assertEquals(
                List.of("{\"name\":\"a\"} {\"value\":\"minus\"} true", "{\"name\":\"a\"} {\"value\":\"minus\"} false"),
                asked);
        assertInstanceOf(Outcome.Answered.class, new Restoring(new Cell()).look(undo, LONG), "others read the target");
    }

    @Test
    void what_cannot_be_taken_back_is_an_error_that_says_why() {
        var seen = assertInstanceOf(Outcome.Answered.class, look(new Cell(), "large", LONG));
        assertFalse(seen.ok());
        assertTrue(seen.result().toString().contains("larger than it may be"), seen.toString());
    }

    @Test
    void looking_ends_in_time_also_where_the_compensator_does_not() {
        var never = new CountDownLatch(1);
        var stuck = new Cell() {
            @Override
            public Look look(JsonObject target, PathFacts paths) throws IOException {
                try {
                    never.await();
                } catch (InterruptedException stopped) {
                    throw new IOException(stopped);
                }
                throw new IOException("nobody gets here");
            }
        };
        var late = assertInstanceOf(Outcome.NotRun.class, look(stuck, "a", SHORT));
        assertEquals(ProblemType.UPSTREAM_TIMEOUT, late.type());
    }

    @Test
    void putting_back_compares_and_says_what_came_of_it() {
        var cell = new Cell();
        var changed = assertInstanceOf(Outcome.Answered.class, restore(cell, "a", "v-other"));
        assertFalse(changed.ok());
        assertTrue(((JsonObject) changed.result())
                .object("structuredContent")
                .orElseThrow()
                .isTrue("changed"));
        assertEquals("zero", cell.value);

        var done = assertInstanceOf(Outcome.Answered.class, restore(cell, "a", "v-zero"));
        assertTrue(done.ok());
        assertEquals("one", cell.value);
    }

    @Test
    void where_putting_back_breaks_nobody_knows_what_was_done() {
        assertInstanceOf(Outcome.Lost.class, restore(new Cell(), "broken", "v-zero"));
    }
}
