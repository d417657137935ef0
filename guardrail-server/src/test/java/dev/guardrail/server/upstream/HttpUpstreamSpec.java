package dev.guardrail.server.upstream;

import static dev.guardrail.server.upstream.Fixture.SOON;
import static dev.guardrail.server.upstream.Fixture.await;
import static dev.guardrail.server.upstream.Fixture.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.ProblemType;
import dev.guardrail.pipeline.Attendance;
import dev.guardrail.pipeline.Outcome;
import dev.guardrail.testing.Calls;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class HttpUpstreamSpec {
    private static final Bounds BOUNDS = Bounds.DEFAULT.withResultBytes(1 << 20).withDrain(Duration.ofMillis(300));
    private static final Duration SHORT = Duration.ofMillis(400);

    private UnrulyHttp server;
    private Fixture fixture;

    @BeforeEach
    void open() throws IOException {
        server = new UnrulyHttp();
        fixture = on(BOUNDS, Optional.empty()).listed("crm");
    }

    private Fixture on(Bounds bounds, Optional<Secret> credential) {
        return new Fixture(Map.of("crm", new Endpoint.Http(server.url(), credential)), bounds);
    }

    @AfterEach
    void close() {
        fixture.close();
        server.close();
    }

    @Test
    void answers_come_as_json_or_as_a_stream() {
        var arguments = JsonObject.with("a", "b").build();

        assertEquals("{\"a\":\"b\"}", text(fixture.call("crm.echo", arguments, Attendance.silent(SOON))));
        assertEquals("streamed", text(fixture.call("crm.stream")));
        assertEquals(
                List.of(
                        "server/discover",
                        "initialize",
                        "notifications/initialized",
                        "tools/list",
                        "tools/call",
                        "tools/call"),
                server.heard);
    }

    @Test
    void the_server_sees_our_credential_and_nothing_of_the_client() {
        fixture.close();
        fixture =
                on(BOUNDS, Optional.of(new Secret(() -> "canary-credential\n"))).listed("crm");

        fixture.call("crm.echo");

        assertEquals(List.of("Bearer canary-credential"), server.headers.get("authorization"));
        assertEquals(List.of("2025-11-25"), server.headers.get("mcp-protocol-version"));
        assertEquals(List.of("session-2"), server.headers.get("mcp-session-id"));
        assertEquals(
                Set.of(
                        "accept",
                        "authorization",
                        "connection",
                        "content-length",
                        "content-type",
                        "host",
                        "http2-settings",
                        "mcp-protocol-version",
                        "mcp-session-id",
                        "upgrade",
                        "user-agent"),
                union(server.headers.keySet(), Set.of("connection", "http2-settings", "upgrade")));
        assertFalse(new Endpoint.Http(server.url(), Optional.of(new Secret(() -> "canary")))
                .toString()
                .contains("canary"));
    }

    private static Set<String> union(Set<String> some, Set<String> more) {
        var all = new java.util.TreeSet<>(some);
        all.addAll(more);
        return all;
    }

    @Test
    void a_credential_that_no_header_takes_is_not_shown() {
        fixture.close();
        fixture = on(BOUNDS, Optional.of(new Secret(() -> "canary\r\nX: y")));

        String wrong = fixture.upstreams.refresh("crm", SOON).orElseThrow();

        assertFalse(wrong.contains("canary"), wrong);
    }

    @Test
    void a_silent_server_meets_the_deadline_and_is_told() {
        var lost = assertInstanceOf(
                Outcome.Lost.class, fixture.call("crm.silent", JsonObject.EMPTY, Attendance.silent(SHORT)));

        assertEquals(ProblemType.UPSTREAM_TIMEOUT, lost.type());
        await(() -> server.received("notifications/cancelled") == 1);
    }

    @Test
    void a_dribble_meets_the_deadline_and_the_connection_is_dropped() {
        long start = System.nanoTime();

        var lost = assertInstanceOf(
                Outcome.Lost.class, fixture.call("crm.dribble", JsonObject.EMPTY, Attendance.silent(SHORT)));

        assertEquals(ProblemType.UPSTREAM_TIMEOUT, lost.type());
        assertTrue(System.nanoTime() - start < Duration.ofSeconds(5).toNanos());
        await(() -> server.received("gone") == 1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"crm.garbage", "crm.nothing", "crm.broken", "crm.hang-up"})
    void what_is_no_answer_is_lost(String tool) {
        var lost = assertInstanceOf(Outcome.Lost.class, fixture.call(tool));

        assertEquals(ProblemType.UPSTREAM_FAILED, lost.type());
        assertEquals("{}", text(fixture.call("crm.echo")));
        assertEquals(2, server.received("tools/call"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"crm.refused", "crm.moved"})
    void what_the_server_refused_unread_did_not_run(String tool) {
        var refused = assertInstanceOf(Outcome.NotRun.class, fixture.call(tool));

        assertEquals(ProblemType.UPSTREAM_FAILED, refused.type());
        assertEquals(1, server.received("tools/call"));
    }

    @Test
    void an_error_that_came_with_a_refusal_is_the_answer() {
        var refused = assertInstanceOf(Outcome.Answered.class, fixture.call("crm.refused-error"));

        assertEquals(
                "{\"code\":-32602,\"message\":\"bad\"}",
                Outcome.Answered.protocolError(refused.result(), refused.ok())
                        .orElseThrow()
                        .toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"crm.huge", "crm.huge-stream"})
    void an_answer_of_a_gibibyte_is_cut_off(String tool) {
        System.gc();
        var most = new java.util.concurrent.atomic.AtomicLong();
        long before = used();
        var watching = Thread.ofPlatform().daemon().start(() -> {
            while (!Thread.interrupted()) most.accumulateAndGet(used(), Math::max);
        });

        var lost = assertInstanceOf(Outcome.Lost.class, fixture.call(tool));

        watching.interrupt();
        assertEquals(ProblemType.UPSTREAM_FAILED, lost.type());
        assertTrue(lost.detail().contains("bytes"), lost.detail());
        assertTrue(most.get() - before < 100L << 20, () -> "took " + ((most.get() - before) >> 20) + " MiB");
        await(() -> server.received("gone") == 1);
    }

    private static long used() {
        var runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }

    @Test
    void a_stream_that_ended_early_is_resumed() {
        assertEquals("resumed", text(fixture.call("crm.resumed")));
        assertEquals(1, server.received("tools/call"));
    }

    @Test
    void forged_and_second_answers_are_dropped() {
        assertEquals("first", text(fixture.call("crm.twice")));
        assertEquals("{}", text(fixture.call("crm.echo")));
        assertTrue(fixture.upstreams.server("crm").orElseThrow().drops().of(Drops.Reason.UNKNOWN_REPLY) >= 1);
    }

    @Test
    void a_session_that_may_be_forgotten_is_opened_anew_for_the_next_call_and_leaves_this_one_in_doubt() {
        server.unknown = 400;
        assertEquals("forgot", text(fixture.call("crm.forget")));

        assertInstanceOf(Outcome.Lost.class, fixture.call("crm.echo"));
        assertEquals(2, server.received("tools/call"), "it was not sent again");

        assertEquals("{}", text(fixture.call("crm.echo")));
        assertEquals(2, server.received("initialize"));
        assertEquals(3, server.received("tools/call"));
    }

    @ParameterizedTest
    @ValueSource(ints = {404, 400})
    void a_forgotten_session_is_opened_anew_and_the_call_runs_once(int status) {
        fixture.close();
        fixture = on(BOUNDS, Optional.empty());
        fixture.idempotent = status == 400;
        fixture.listed("crm");
        long before = server.received("initialize");
        server.unknown = status;
        assertEquals("forgot", text(fixture.call("crm.forget")));

        assertEquals("{}", text(fixture.call("crm.echo")));

        assertEquals(before + 1, server.received("initialize"));
        assertEquals(3, server.received("tools/call"));
    }

    /// Keys of the calls that the server received, also of those that it refused.
    private List<String> keys() {
        return server.metas.stream()
                .map(meta -> meta.text("dev.guardrail/idempotency-key").orElse(""))
                .toList();
    }

    @ParameterizedTest
    @ValueSource(ints = {404, 400})
    void a_call_that_is_delivered_again_has_the_same_key(int status) {
        fixture.close();
        fixture = on(BOUNDS, Optional.empty());
        fixture.idempotent = true;
        fixture.listed("crm");
        server.unknown = status;
        fixture.call("crm.forget");
        server.metas.clear();

        var request = Calls.request(fixture.tool("crm.echo"), Calls.CODER, JsonObject.EMPTY);
        assertEquals("{}", text(fixture.call("crm.echo")));

        String key = request.call().value();
        assertEquals(List.of(key, key), keys(), "delivered, refused, and delivered again");
    }

    @Test
    void a_call_that_may_not_be_repeated_nor_taken_back_goes_on_as_it_is() {
        assertEquals("{}", text(fixture.call("crm.echo")));

        assertEquals(List.of(""), keys());
    }

    @Test
    void a_definition_that_changed_after_the_decision_does_not_run() {
        var decided = fixture.tool("crm.echo");
        assertEquals("changed", text(fixture.call("crm.change")));

        assertInstanceOf(Outcome.NotRun.class, fixture.call(decided, JsonObject.EMPTY, Attendance.silent(SOON)));

        assertEquals(1, server.received("tools/call"));
        await(() -> fixture.pins.find(decided.name()).isEmpty());
    }

    @Test
    void a_change_that_is_told_unasked_is_seen_at_once() {
        fixture.close();
        server.announces();
        fixture = on(BOUNDS, Optional.empty()).listed("crm");
        var echo = fixture.tool("crm.echo").name();
        await(() -> server.received("listening") == 1);

        server.change();

        await(() -> fixture.pins.find(echo).isEmpty());
        assertEquals(0, server.received("tools/call"));
    }

    @Test
    void a_huge_listing_is_cut_off() {
        fixture.close();
        server.more = 5_000;
        fixture = on(BOUNDS, Optional.empty()).listed("crm");

        assertEquals(2_000, fixture.pins.list("crm").size());
        assertEquals("{}", text(fixture.call("crm.echo")));
    }

    @Test
    void a_silent_change_is_found_by_the_age_of_the_listing() {
        fixture.close();
        fixture = on(BOUNDS.withRelist(Duration.ZERO), Optional.empty()).listed("crm");
        var decided = fixture.tool("crm.echo");
        assertEquals("{}", text(fixture.call(decided, JsonObject.EMPTY, Attendance.silent(SOON))));
        assertEquals("changed", text(fixture.call("crm.change")));

        assertInstanceOf(Outcome.NotRun.class, fixture.call(decided, JsonObject.EMPTY, Attendance.silent(SOON)));
    }

    @Test
    void progress_comes_down_the_line_under_the_id_of_the_request() {
        List<JsonObject> told = Fixture.log();

        assertEquals("done", text(fixture.call("crm.progress", JsonObject.EMPTY, Fixture.watching("progress", told))));

        assertEquals(List.of("notifications/progress {\"progress\":1}"), Fixture.progress(told));
    }

    @Test
    void a_ping_is_answered_and_nothing_else_where_nobody_is_there_to_be_asked() {
        assertEquals("asked", text(fixture.call("crm.asks")));

        assertTrue(server.replies.contains("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}"), server.replies::toString);
        assertTrue(server.replies.stream().anyMatch(reply -> reply.contains("\"id\":2") && reply.contains("-32601")));
    }

    @Test
    void a_client_connection_has_a_session_of_its_own_that_ends_with_it() {
        fixture.call("crm.echo", JsonObject.EMPTY, Fixture.of("one"));
        assertEquals(List.of("session-2"), server.headers.get("mcp-session-id"));

        fixture.upstreams.release("one");

        await(() -> server.received("DELETE") == 1);
        assertEquals(1, fixture.upstreams.server("crm").orElseThrow().open());
    }

    @Test
    void idle_connections_end() {
        fixture.close();
        fixture = on(BOUNDS.withIdle(Duration.ZERO), Optional.empty()).listed("crm");
        assertEquals(1, fixture.upstreams.server("crm").orElseThrow().open());

        fixture.upstreams.server("crm").orElseThrow().sweep();

        assertEquals(0, fixture.upstreams.server("crm").orElseThrow().open());
        assertEquals("{}", text(fixture.call("crm.echo")));
    }

    @Test
    void a_server_that_is_gone_did_not_run_and_after_a_while_is_not_even_asked() {
        server.close();
        fixture.upstreams.server("crm").orElseThrow().release("none");
        var details = new java.util.ArrayList<String>();

        for (int i = 0; i < 30; i++) {
            var attendance = Fixture.of("client-" + i);
            details.add(assertInstanceOf(Outcome.NotRun.class, fixture.call("crm.echo", JsonObject.EMPTY, attendance))
                    .detail());
        }

        assertTrue(details.getFirst().contains("could not be reached"), details::toString);
        assertTrue(details.getLast().contains("keeps failing"), details::toString);
    }

    @Test
    void a_server_that_takes_no_connection_did_not_run() throws IOException {
        try (var full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            var url = URI.create("http://127.0.0.1:" + full.getLocalPort() + "/mcp");
            fixture.close();
            fixture = new Fixture(Map.of("crm", new Endpoint.Http(url, Optional.empty())), BOUNDS);
            fixture.pins.seen("crm", List.of(JsonObject.with("name", "x").build()));

            var outcome = fixture.call("crm.x", JsonObject.EMPTY, Attendance.silent(SHORT));

            assertInstanceOf(Outcome.NotRun.class, outcome);
        }
    }

    @Test
    void only_idempotent_calls_are_tried_again_and_only_where_nothing_was_sent() {
        fixture.idempotent = true;
        assertInstanceOf(Outcome.Lost.class, fixture.call("crm.hang-up"));
        assertInstanceOf(Outcome.Lost.class, fixture.call("crm.broken"));
        assertEquals(2, server.received("tools/call"));

        var tries = new AtomicReference<>(0);
        var fence = new Fence("x", BOUNDS, System::nanoTime);
        long deadline = System.nanoTime() + SOON.toNanos();
        java.util.function.Supplier<Fence.Attempt> unsent = () -> {
            tries.updateAndGet(n -> n + 1);
            return Fence.Attempt.unsent(new Outcome.NotRun(ProblemType.UPSTREAM_FAILED, "no"));
        };
        fence.run(true, deadline, unsent);
        assertEquals(3, tries.get());
        fence.run(false, deadline, unsent);
        assertEquals(4, tries.get());
        fence.run(true, System.nanoTime(), unsent);
        assertEquals(5, tries.get());
    }

    @Test
    void a_client_that_left_is_told_upstream() {
        var left = new CompletableFuture<String>();
        var attendance = Fixture.leaving(left);
        var running = CompletableFuture.supplyAsync(() -> fixture.call("crm.silent", JsonObject.EMPTY, attendance));
        await(() -> server.received("tools/call") == 1);

        left.complete("closed");

        assertInstanceOf(Outcome.Lost.class, running.join());
        await(() -> server.received("notifications/cancelled") == 1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"file:///etc/passwd", "ftp://x/", "http://user:pass@host/", "/mcp", "mailto:a@b"})
    void only_plain_web_addresses_are_endpoints(String url) {
        assertThrows(IllegalArgumentException.class, () -> new Endpoint.Http(URI.create(url), Optional.empty()));
    }
}
