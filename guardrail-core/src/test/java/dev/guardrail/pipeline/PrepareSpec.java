package dev.guardrail.pipeline;

import static dev.guardrail.testing.RuleDraft.allow;
import static dev.guardrail.testing.RuleDraft.deny;
import static dev.guardrail.testing.RuleDraft.hold;
import static dev.guardrail.testing.RuleDraft.modify;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import dev.guardrail.base.ProblemType;
import dev.guardrail.base.StrictJson;
import dev.guardrail.call.DecisionRequest;
import dev.guardrail.call.Exactness;
import dev.guardrail.call.Run;
import dev.guardrail.condition.CelConditions;
import dev.guardrail.condition.Condition;
import dev.guardrail.condition.Expression;
import dev.guardrail.journal.CallRecord;
import dev.guardrail.journal.Journal;
import dev.guardrail.policy.Rule;
import dev.guardrail.proof.LogAudit;
import dev.guardrail.testing.HeldLog;
import dev.guardrail.testing.MemoryStore;
import dev.guardrail.testing.Rig;
import dev.guardrail.testing.Shelf;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// What is read before a call, and said of it before it runs.
final class PrepareSpec {
    private static final Rule ANY = allow("any").on("*.*").rule();
    private static final Rule ONLY_UNDOABLE =
            allow("undoable").on("files.write").undoable().rule();
    private static final Rule READS = allow("reads").on("files.read").rule();
    private static final JsonObject ARGS = Shelf.args("/a", "new");

    private final MemoryStore store = new MemoryStore();
    private final Shelf shelf = new Shelf();
    private final Rig rig = shelf.on(new Rig(store)).rules(ANY);

    @AfterEach
    void close() {
        rig.close();
    }

    private JsonObject intent() throws IOException {
        return entries("decided").reduce((first, last) -> last).orElseThrow();
    }

    private Stream<JsonObject> entries(String kind) throws IOException {
        return store.read(0, store.size()).stream()
                .map(bytes -> (JsonObject) StrictJson.parse(bytes))
                .filter(entry -> entry.text("kind").equals(Optional.of(kind)));
    }

    private CallRecord ran(Reply reply) {
        return assertInstanceOf(Reply.Ran.class, reply, reply.toString()).call();
    }

    @Test
    void what_the_call_is_about_to_change_is_read_and_committed_with_its_intent() throws IOException {
        shelf.put("/a", "old");

        CallRecord call = ran(rig.propose("files.write", ARGS));

        assertEquals("new", shelf.get("/a"));
        assertEquals(List.of("files.read {\"path\":\"/a\"}", "files.read {\"path\":\"/a\"}"), rig.looked());
        assertEquals(Optional.of("exact"), intent().text("undo"));
        assertTrue(intent().array("bodies").orElseThrow().toString().contains(call.beforeBody()));
        assertTrue(body(rig.journal, call).contains("old"));
        assertEquals(1, entries("executed").filter(entry -> entry.has("after")).count());
        assertEquals(Optional.empty(), LogAudit.of(HeldLog.of(store)).fault());
    }

    private static String body(Journal journal, CallRecord call) {
        return journal.body(call.beforeBody()).map(Object::toString).orElse("");
    }

    @Test
    void a_tool_without_a_hook_is_neither_read_nor_spoken_of() throws IOException {
        rig.tool("mail.send");

        ran(rig.propose("mail.send", ARGS));

        assertEquals(List.of(), rig.looked());
        assertEquals(Optional.empty(), intent().text("undo"));
    }

    @Test
    void nothing_is_read_for_a_call_that_is_not_permitted() {
        rig.rules(ANY, deny("no").on("files.write").rule());

        assertInstanceOf(Reply.Refused.class, rig.propose("files.write", ARGS));

        assertEquals(List.of(), rig.looked());
    }

    @Test
    void a_held_call_is_read_when_it_runs_and_not_when_it_is_asked_for() throws IOException {
        rig.rules(READS, hold("people").on("files.write").undoable().rule());
        shelf.put("/a", "old");
        var held = assertInstanceOf(Reply.Held.class, rig.propose("files.write", ARGS));
        assertEquals(List.of(), rig.looked());
        rig.approve(Rig.BOB, held);
        shelf.put("/a", "older than the run");

        CallRecord call = ran(rig.execute(held.call().id()));

        assertTrue(body(rig.journal, call).contains("older than the run"));
        assertEquals(Optional.empty(), LogAudit.of(HeldLog.of(store)).fault());
    }

    /// How reading can go wrong, and the word for it.
    private static Stream<Wrong> wrongs() {
        return Stream.of(
                new Wrong("fails", "failed", question -> new Outcome.NotRun(ProblemType.UPSTREAM_FAILED, "down")),
                new Wrong("hangs", "slow", question -> new Outcome.Lost(ProblemType.UPSTREAM_TIMEOUT, "late")),
                new Wrong("throws", "failed", question -> {
                    throw new IllegalStateException("broken");
                }),
                new Wrong("reports_an_error", "failed", question -> Shelf.error("EACCES: permission denied")),
                new Wrong(
                        "fails_in_the_protocol",
                        "failed",
                        question -> Outcome.Answered.protocolError(
                                JsonObject.with("message", "tool not found").build())),
                new Wrong(
                        "answers_no_object",
                        "wrong_shape",
                        question -> new Outcome.Answered(new JsonText("old"), true)),
                new Wrong(
                        "answers_something_else",
                        "wrong_shape",
                        question -> new Outcome.Answered(
                                JsonObject.with("text", "old").build(), true)),
                new Wrong("answers_bytes_that_are_no_text", "not_text", question -> Shelf.found("\uFFFDPNG")),
                new Wrong("holds_a_secret", "secret", question -> Shelf.found("s3cret")),
                new Wrong("returns_too_much", "too_large", question -> Shelf.found("x".repeat(Imaging.MOST))));
    }

    private record Wrong(String name, String word, Function<DecisionRequest, Outcome> sight) {}

    @TestFactory
    Stream<DynamicTest> a_hook_that_goes_wrong_is_said_before_the_call_runs() {
        return wrongs().map(wrong -> DynamicTest.dynamicTest(wrong.name(), () -> {
            var log = new MemoryStore();
            try (var guard = shelf.on(new Rig(log)).rules(ANY).sight(wrong.sight())) {
                CallRecord call = ran(guard.propose("files.write", ARGS));

                assertEquals(wrong.word(), call.reversal().why());
                assertTrue(call.reversal().after().isEmpty());
                assertEquals("", call.reversal().clause());
                assertEquals("", body(guard.journal, call));
                var intent = log.read(0, log.size()).stream()
                        .map(bytes -> (JsonObject) StrictJson.parse(bytes))
                        .filter(entry -> entry.text("kind").equals(Optional.of("decided")))
                        .findFirst()
                        .orElseThrow();
                assertEquals(Optional.of("none"), intent.text("undo"));
                assertEquals(Optional.of(wrong.word()), intent.text("undoWhy"));
                assertEquals(Optional.of("running"), intent.text("status"));
            }
        }));
    }

    @TestFactory
    Stream<DynamicTest> where_an_undo_is_required_a_hook_that_goes_wrong_denies() {
        return wrongs().map(wrong -> DynamicTest.dynamicTest(wrong.name(), () -> {
            try (var guard = shelf.on(new Rig(new MemoryStore())).rules(ONLY_UNDOABLE, READS)) {
                shelf.put("/a", "old");
                guard.sight(wrong.sight());
                var refused = assertInstanceOf(Reply.Refused.class, guard.propose("files.write", ARGS));
                assertEquals(List.of(), guard.ran());
                assertTrue(
                        refused.call().message().contains(wrong.word().replace('_', ' ')),
                        refused.call().message());
                assertEquals(List.of("undoable"), refused.call().rules());

                shelf.on(guard);
                ran(guard.propose("files.write", ARGS));
            }
        }));
    }

    @Test
    void a_server_without_an_answer_is_looked_at_again_and_no_other() throws IOException {
        shelf.put("/a", "old");
        rig.trying(3);
        var looks = new AtomicInteger();
        rig.sight(question -> looks.incrementAndGet() < 3
                ? new Outcome.Lost(ProblemType.UPSTREAM_FAILED, "cut off")
                : shelf.answer(question));
        assertEquals(
                Optional.of(Exactness.EXACT),
                ran(rig.propose("files.write", ARGS)).reversal().exactness());
        assertEquals(4, looks.get(), "three before, one after");

        for (Outcome settled : List.of(
                new Outcome.Lost(ProblemType.UPSTREAM_TIMEOUT, "slow"),
                new Outcome.NotRun(ProblemType.INTERNAL, "broken"),
                Shelf.error("EACCES"))) {
            looks.set(0);
            rig.sight(question -> {
                looks.incrementAndGet();
                return settled;
            });
            ran(rig.propose("files.write", Shelf.args("/a", settled.toString())));
            assertEquals(1, looks.get(), settled::toString);
        }
    }

    @Test
    void an_undo_that_would_be_denied_makes_the_call_not_undoable() throws IOException {
        shelf.put("/a", "old");
        rig.rules(ANY, deny("no-undo").on("files.write").when(undoing(), "undo").rule());

        CallRecord call = ran(rig.propose("files.write", ARGS));

        assertEquals("denied", call.reversal().why());
        assertEquals(Optional.of("none"), intent().text("undo"));
        rig.rules(ANY, deny("no-undo").on("files.other").when(undoing(), "undo").rule());
        assertEquals("", ran(rig.propose("files.write", ARGS)).reversal().why());
    }

    @Test
    void an_undo_that_people_are_asked_for_is_an_undo() {
        shelf.put("/a", "old");
        rig.rules(ANY, hold("ask").on("files.write").when(undoing(), "undo").rule());

        assertTrue(ran(rig.propose("files.write", ARGS)).reversal().isPrepared());
    }

    @Test
    void an_undo_that_a_rule_would_change_is_none() {
        shelf.put("/a", "old");
        Expression other =
                new CelConditions().compileValue("'/b'", List.of()).expression().orElseThrow();
        rig.rules(
                ANY,
                modify("elsewhere")
                        .on("files.write")
                        .when(undoing(), "undo")
                        .set("args.path", other)
                        .rule());

        assertEquals("denied", ran(rig.propose("files.write", ARGS)).reversal().why());
    }

    private static Condition undoing() {
        return new CelConditions()
                .compile("call.purpose == 'undo'", List.of())
                .condition()
                .orElseThrow();
    }

    @Test
    void what_a_caller_runs_itself_cannot_be_undone() {
        rig.rules(ONLY_UNDOABLE, READS);
        var asked = rig.proposal(Rig.CODER, "files.write", ARGS, Run.CALLER, Optional.empty());

        assertInstanceOf(Reply.Refused.class, rig.propose(asked));

        rig.rules(ANY);
        assertInstanceOf(Reply.Permitted.class, rig.propose(asked));
    }

    @Test
    void a_tool_that_nobody_knows_how_to_undo_is_denied_where_an_undo_is_required() {
        rig.tool("mail.send").rules(allow("mail").on("mail.*").undoable().rule());
        assertInstanceOf(Reply.Refused.class, rig.propose("mail.send", ARGS));

        rig.rules(allow("mail").on("mail.*").rule());
        ran(rig.propose("mail.send", ARGS));
    }

    @Test
    void what_cannot_be_read_because_it_is_not_there_is_not_there() {
        CallRecord call = ran(rig.propose("files.write", ARGS));

        assertTrue(call.reversal().isPrepared());
        assertTrue(body(rig.journal, call).contains("files.move"));
    }

    @Test
    void a_look_is_refused_where_the_catalogue_does_not_call_its_tool_a_read() {
        shelf.notRead(rig);

        assertEquals("no_tool", ran(rig.propose("files.write", ARGS)).reversal().why());
        assertEquals(List.of(), rig.looked());
    }
}
