package dev.guardrail.server.upstream;

import static dev.guardrail.server.upstream.Fixture.SOON;
import static dev.guardrail.server.upstream.Fixture.await;
import static dev.guardrail.server.upstream.Fixture.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.JsonNumber;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import dev.guardrail.base.ProblemType;
import dev.guardrail.pipeline.Attendance;
import dev.guardrail.pipeline.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class StdioUpstreamSpec {
    private static final Bounds BOUNDS = Bounds.DEFAULT.withResultBytes(1 << 20).withDrain(Duration.ofMillis(300));

    @TempDir
    private Path directory;

    private Fixture fixture = new Fixture(Map.of(), BOUNDS);

    private Fixture open(Bounds bounds, String... servers) {
        var endpoints = new java.util.HashMap<String, Endpoint>();
        for (String server : servers)
            endpoints.put(
                    server,
                    new Endpoint.Stdio(
                            UnrulyServer.command(notes(server)), Map.of("HANDED", "over"), Optional.empty()));
        fixture = new Fixture(endpoints, bounds);
        for (String server : servers) fixture.listed(server);
        return fixture;
    }

    private Fixture open() {
        return open(BOUNDS, "files");
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    private Path notes(String server) {
        return directory.resolve(server + ".notes");
    }

    /// How often the server received a method.
    private long received(String server, String method) throws IOException {
        return Files.readAllLines(notes(server)).stream().filter(method::equals).count();
    }

    private static JsonObject arguments() {
        return JsonObject.with("b", new JsonNumber("1.0")).with("a", "x\ny").build();
    }

    @Test
    void a_tool_is_called_with_exactly_what_was_judged() throws IOException {
        open();

        var outcome = fixture.call("files.echo", arguments(), Attendance.silent(SOON));

        assertEquals("{\"b\":1.0,\"a\":\"x\\ny\"}", text(outcome));
        assertTrue(assertInstanceOf(Outcome.Answered.class, outcome).ok());
        assertEquals(1, received("files", "tools/call"));
        assertEquals(1, received("files", "initialize"));
        assertEquals(1, received("files", "notifications/initialized"));
    }

    @Test
    void all_pages_are_listed() throws IOException {
        open();

        assertEquals(19, fixture.pins.list("files").size());
        assertEquals(2, received("files", "tools/list"));
    }

    @Test
    void an_error_of_the_tool_and_one_of_the_protocol_are_told_apart() {
        open();

        var failed = assertInstanceOf(Outcome.Answered.class, fixture.call("files.fails"));
        assertFalse(failed.ok());
        assertEquals(Optional.empty(), Outcome.Answered.protocolError(failed.result(), failed.ok()));

        var refused = assertInstanceOf(Outcome.Answered.class, fixture.call("files.error"));
        assertFalse(refused.ok());
        assertEquals(
                "{\"code\":-32602,\"message\":\"bad\",\"data\":{\"why\":1.50}}",
                Outcome.Answered.protocolError(refused.result(), refused.ok())
                        .orElseThrow()
                        .toString());
    }

    @Test
    void a_result_comes_as_it_is() {
        open();

        var outcome = assertInstanceOf(Outcome.Answered.class, fixture.call("files.numbers"));

        assertEquals(
                "{\"z\":0.1000000000000000055,\"content\":[],\"a\":1.0,\"half\":\"\uFFFD\"}",
                outcome.result().toString());
    }

    @Test
    void a_silent_tool_meets_the_deadline_and_is_told() throws IOException {
        open();

        var lost = assertInstanceOf(
                Outcome.Lost.class,
                fixture.call("files.silent", JsonObject.EMPTY, Attendance.silent(Duration.ofMillis(300))));

        assertEquals(ProblemType.UPSTREAM_TIMEOUT, lost.type());
        assertEquals("{}", text(fixture.call("files.echo")));
        assertEquals(1, received("files", "notifications/cancelled"));
    }

    @Test
    void garbage_for_an_answer_is_lost_at_once() {
        open();

        for (String tool : List.of("files.garbage", "files.foreign", "files.split")) {
            var lost = assertInstanceOf(Outcome.Lost.class, fixture.call(tool), tool);
            assertEquals(ProblemType.UPSTREAM_FAILED, lost.type(), tool);
        }
        assertInstanceOf(Outcome.Lost.class, fixture.call("files.list-object"));
        assertEquals("{}", text(fixture.call("files.echo")));
        assertEquals(3, drops(Drops.Reason.GARBAGE));
    }

    private long drops(Drops.Reason reason) {
        return fixture.upstreams.server("files").orElseThrow().drops().of(reason);
    }

    @Test
    void an_answer_of_a_gibibyte_is_cut_off_and_the_next_call_finds_a_new_process() throws IOException {
        open();
        System.gc();
        long before = used();
        var most = new java.util.concurrent.atomic.AtomicLong();
        var watching = Thread.ofPlatform().daemon().start(() -> {
            while (!Thread.interrupted()) most.accumulateAndGet(used(), Math::max);
        });

        var lost = assertInstanceOf(Outcome.Lost.class, fixture.call("files.huge"));

        watching.interrupt();
        assertEquals(ProblemType.UPSTREAM_FAILED, lost.type());
        assertTrue(most.get() - before < 100L << 20, () -> "took " + ((most.get() - before) >> 20) + " MiB");
        assertEquals("{}", text(fixture.call("files.echo")));
        assertEquals(2, received("files", "initialize"));
    }

    private static long used() {
        var runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }

    @Test
    void a_second_answer_is_dropped_and_counted() {
        open();

        assertEquals("first", text(fixture.call("files.twice")));
        assertEquals("{}", text(fixture.call("files.echo")));
        assertEquals(1, drops(Drops.Reason.UNKNOWN_REPLY));
    }

    @Test
    void an_answer_to_an_id_that_nobody_gave_is_dropped_and_counted() {
        open();

        assertEquals("right", text(fixture.call("files.unknown")));
        assertEquals(1, drops(Drops.Reason.UNKNOWN_REPLY));
        assertEquals(2, drops(Drops.Reason.GARBAGE));
    }

    @Test
    void a_process_that_dies_in_a_call_loses_it_and_is_replaced_on_next_use() throws IOException {
        open();

        var lost = assertInstanceOf(Outcome.Lost.class, fixture.call("files.die"));
        assertEquals(ProblemType.UPSTREAM_FAILED, lost.type());
        assertEquals("{}", text(fixture.call("files.echo")));

        assertEquals("last words", text(fixture.call("files.late-death")));
        await(() -> "{}".equals(textOr(fixture.call("files.echo"), "")));
        assertEquals(1, received("files", "tools/call") - 3);
    }

    private static String textOr(Outcome outcome, String otherwise) {
        return outcome instanceof Outcome.Answered ? text(outcome) : otherwise;
    }

    @Test
    void a_process_that_keeps_dying_is_not_started_in_a_storm() throws IOException {
        open();

        for (int i = 0; i < 30; i++) assertFalse(fixture.call("files.die") instanceof Outcome.Answered);

        assertTrue(received("files", "initialize") < 12, () -> "started again and again");
    }

    @Test
    void a_definition_that_changed_after_the_decision_does_not_run() throws IOException {
        open();
        var decided = fixture.tool("files.echo");

        assertEquals("changed", text(fixture.call("files.change")));
        var outcome = fixture.call(decided, JsonObject.EMPTY, Attendance.silent(SOON));

        assertInstanceOf(Outcome.NotRun.class, outcome);
        await(() -> fixture.pins.find(decided.name()).isEmpty());
        assertEquals(1, received("files", "tools/call"));
        var offered = fixture.pins.state(decided.name()).orElseThrow().offered().orElseThrow();
        fixture.pins.accept(decided.name(), offered, "ann");
        assertEquals("{}", text(fixture.call("files.echo")));
    }

    @Test
    void progress_comes_down_the_line_under_the_id_of_the_request() {
        open();
        List<JsonObject> told = Fixture.log();

        assertEquals(
                "told", text(fixture.call("files.progress", JsonObject.EMPTY, Fixture.watching("progress", told))));

        assertEquals(
                List.of(
                        "notifications/progress {\"progress\":1}",
                        "notifications/progress {\"progress\":2}",
                        "notifications/progress {\"progress\":3}"),
                Fixture.progress(told));
        assertEquals("silent", text(fixture.call("files.progress")));
    }

    @Test
    void a_ping_is_answered_and_nothing_else_where_nobody_is_there_to_be_asked() {
        open();

        var replies = text(fixture.call("files.ask")).split("\n", -1);

        assertEquals("{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":{}}", replies[0]);
        assertTrue(replies[1].contains("-32601") && replies[1].contains("\"id\":\"s\""), replies[1]);
    }

    @Test
    void a_client_that_left_is_told_and_the_call_is_in_doubt() throws IOException {
        open();
        var left = new CompletableFuture<String>();
        var attendance = Fixture.leaving(left);
        var running = CompletableFuture.supplyAsync(() -> fixture.call("files.silent", JsonObject.EMPTY, attendance));
        await(() -> receivedNow("tools/call") == 1);

        left.complete("closed");

        assertInstanceOf(Outcome.Lost.class, running.join());
        await(() -> receivedNow("notifications/cancelled") == 1);
    }

    private long receivedNow(String method) {
        try {
            return received("files", method);
        } catch (IOException broken) {
            throw new AssertionError(broken);
        }
    }

    @Test
    void a_client_that_left_before_is_never_surprised() throws IOException {
        open();
        var left = CompletableFuture.completedFuture("closed");
        var attendance = Fixture.leaving(left);

        assertInstanceOf(Outcome.NotRun.class, fixture.call("files.echo", JsonObject.EMPTY, attendance));
        assertEquals(0, received("files", "tools/call"));
    }

    @Test
    void each_client_connection_has_a_process_of_its_own() throws IOException {
        open();

        fixture.call("files.echo", JsonObject.EMPTY, Fixture.of("one"));
        fixture.call("files.echo", JsonObject.EMPTY, Fixture.of("two"));
        fixture.call("files.echo", JsonObject.EMPTY, Fixture.of("one"));

        assertEquals(3, received("files", "initialize"));
        assertEquals(3, fixture.upstreams.server("files").orElseThrow().open());

        fixture.upstreams.release("one");
        await(() -> receivedNow("end") == 1);
        assertEquals(2, fixture.upstreams.server("files").orElseThrow().open());
    }

    @Test
    void connections_are_capped_and_the_one_idle_for_longest_makes_room() throws IOException {
        open(BOUNDS.withConnections(2), "files");

        assertEquals("{}", text(fixture.call("files.echo", JsonObject.EMPTY, Fixture.of("one"))));
        assertEquals("{}", text(fixture.call("files.echo", JsonObject.EMPTY, Fixture.of("two"))));

        assertEquals(2, fixture.upstreams.server("files").orElseThrow().open());
    }

    @Test
    void a_process_gets_none_of_our_environment_but_what_programs_need() {
        open();

        var names = List.of(text(fixture.call("files.environment")).split(",", -1));

        assertTrue(names.contains("HANDED"));
        assertTrue(names.contains("PATH"));
        assertTrue(System.getenv().size() > 3);
        assertFalse(names.contains("JAVA_HOME") && System.getenv("JAVA_HOME") != null, names::toString);
    }

    @Test
    void closing_ends_the_process_and_what_it_started() {
        open();
        long child = Long.parseLong(text(fixture.call("files.child")));
        assertTrue(ProcessHandle.of(child).orElseThrow().isAlive());

        fixture.close();

        await(() -> ProcessHandle.of(child).filter(ProcessHandle::isAlive).isEmpty());
    }

    @Test
    void a_command_that_does_not_exist_does_not_run() {
        var endpoint = new Endpoint.Stdio(List.of("/does/not/exist"), Map.of(), Optional.empty());
        fixture = new Fixture(Map.of("gone", endpoint), BOUNDS);

        assertTrue(fixture.upstreams.refresh("gone", SOON).orElseThrow().contains("cannot be started"));
        fixture.pins.seen("gone", List.of(JsonObject.with("name", "x").build()));
        assertInstanceOf(Outcome.NotRun.class, fixture.call("gone.x"));
    }

    @Test
    void a_broken_server_slows_no_other() {
        open(BOUNDS.withConcurrent(4), "files", "other");
        var stuck = new java.util.ArrayList<CompletableFuture<Outcome>>();
        var threads = java.util.concurrent.Executors.newVirtualThreadPerTaskExecutor();
        for (int i = 0; i < 40; i++)
            stuck.add(CompletableFuture.supplyAsync(
                    () -> fixture.call("files.silent", JsonObject.EMPTY, Attendance.silent(Duration.ofSeconds(3))),
                    threads));

        long slowest = 0;
        for (int i = 0; i < 200; i++) {
            long start = System.nanoTime();
            assertEquals("{}", text(fixture.call("other.echo")));
            slowest = Math.max(slowest, System.nanoTime() - start);
        }

        assertTrue(slowest < Duration.ofSeconds(2).toNanos(), "a call took " + slowest / 1_000_000 + " ms");
        var outcomes = stuck.stream().map(CompletableFuture::join).toList();
        assertTrue(outcomes.stream()
                .anyMatch(outcome -> outcome instanceof Outcome.NotRun(ProblemType type, String detail)
                        && type == ProblemType.OVERLOADED));
        assertTrue(outcomes.stream().noneMatch(Outcome.Answered.class::isInstance));
        threads.close();
    }

    @Test
    void the_workspace_and_caller_run_tools_are_not_called_here() {
        open();
        fixture.pins.fix(
                "banking", List.of(JsonObject.with("name", new JsonText("pay")).build()));

        assertInstanceOf(Outcome.NotRun.class, fixture.call("banking.pay"));
    }
}
