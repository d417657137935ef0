package dev.guardrail.server.eras;

import static dev.guardrail.server.eras.PlayedServer.await;
import static dev.guardrail.server.eras.PlayedServer.tool;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.JsonObject;
import dev.guardrail.server.wiring.Served;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What an operator's stop does to calls over MCP, before a real server that counts them.
@Timeout(120)
class StoppedCallsSpec {
    private static final String RULES = """
            apiVersion: guardrail/v1
            kind: Policy
            metadata: {name: stopped}
            rules:
              - {id: ask, match: {tools: ["shop.pay"]}, effect: require_approval}
              - {id: walks, match: {tools: ["shop.walk"]}, effect: allow}
            """;

    private final CountDownLatch goOn = new CountDownLatch(1);

    @SuppressWarnings("NullAway.Init") // set by each test
    private PlayedServer server;

    @SuppressWarnings("NullAway.Init") // set by each test
    private Stage stage;

    /// A client that waits for people for a minute; the test's own patience is shorter.
    private void open(Path directory, boolean modern) throws Exception {
        server = new PlayedServer(modern, tool("pay"), tool("walk"));
        var ran = PlayedServer.parse("{\"content\":[{\"type\":\"text\",\"text\":\"ran\"}]}");
        server.on("tools/call pay", turn -> turn.result(modern ? PlayedServer.complete(ran) : ran));
        server.on("tools/call walk", turn -> {
            try {
                assertTrue(goOn.await(60, TimeUnit.SECONDS));
            } catch (InterruptedException closing) {
                Thread.currentThread().interrupt();
            }
            turn.result(modern ? PlayedServer.complete(ran) : ran);
        });
        stage = new Stage(directory, server, RULES, "60s");
    }

    @AfterEach
    void close() throws Exception {
        goOn.countDown();
        stage.close();
    }

    private static <T> CompletableFuture<T> async(Supplier<T> work) {
        return CompletableFuture.supplyAsync(work, task -> Thread.ofVirtual().start(task));
    }

    private Served.Answer stop(String scope, String id) {
        var answer = stage.guard.post(
                Served.ANN,
                "/v1/stop",
                "{\"scope\":\"" + scope + "\",\"id\":\"" + id + "\",\"reason\":\"it runs wild\"}");
        assertEquals(201, answer.status(), answer::text);
        return answer;
    }

    private JsonObject call(Client client, String tool) {
        return client.ask(1, "tools/call", "{}", ",\"name\":\"" + tool + "\",\"arguments\":{}", Map.of())
                .json()
                .object("result")
                .orElseThrow();
    }

    private static String text(JsonObject result) {
        assertTrue(result.isTrue("isError"), result::toString);
        return result.array("content")
                .orElseThrow()
                .objects()
                .getFirst()
                .text("text")
                .orElseThrow();
    }

    private static String cause(JsonObject result) {
        return result.object("_meta")
                .flatMap(meta -> meta.object("dev.guardrail/decision"))
                .flatMap(decision -> decision.text("cause"))
                .orElseThrow(() -> new AssertionError(result));
    }

    @Test
    void a_held_client_is_told_at_once_and_nothing_reached_the_server(@TempDir Path directory) throws Exception {
        open(directory, true);
        try (var client = stage.modern()) {
            var held = async(() -> call(client, "pay"));
            await(() -> stage.guard
                    .get(Served.ANN, "/v1/approvals?state=pending")
                    .text()
                    .contains("apr_"));

            var stop = stop("agent", "coder");

            JsonObject told = held.get(20, TimeUnit.SECONDS);
            assertEquals("stopped", cause(told));
            assertTrue(text(told).startsWith("Denied: an operator stopped it. The call did not run."), told::toString);
            assertFalse(told.toString().contains("wild") || told.toString().contains("ann"), told::toString);
            assertEquals("stopped", cause(call(client, "pay")));
            assertEquals(0, server.all("tools/call").size());
            String tools = client.ask(2, "tools/list", "").json().toString();
            assertTrue(tools.contains("\"pay\"") && tools.contains("\"walk\""), "what is listed stays: " + tools);

            lift(stop);
            goOn.countDown();
            assertFalse(call(client, "walk").isTrue("isError"));
            assertEquals(1, server.all("tools/call").size());
        }
    }

    private void lift(Served.Answer stop) {
        assertEquals(
                200,
                stage.guard
                        .send(Served.ROOT, "DELETE", "/v1/stop/" + stop.text("id"), "", Map.of())
                        .status());
    }

    @Test
    void a_call_that_runs_is_cancelled_at_its_server_and_left_in_doubt(@TempDir Path directory) throws Exception {
        open(directory, false);
        try (var client = stage.legacy()) {
            var running = async(() -> client.post(Client.call(7, "walk", "")).json());
            await(() -> server.all("tools/call").size() == 1);

            var stop = stop("tool", "shop.walk");

            assertEquals(
                    "1",
                    stop.json()
                            .object("swept")
                            .orElseThrow()
                            .get("running")
                            .orElseThrow()
                            .toString());
            JsonObject told = running.get(30, TimeUnit.SECONDS).object("result").orElseThrow();
            assertEquals("stopped", cause(told));
            assertTrue(text(told).contains("An operator stopped it while it ran"), told::toString);
            assertEquals(1, server.all("notifications/cancelled").size());
            String export =
                    stage.guard.get(Served.SAM, "/v1/audit/export?format=jsonl").text();
            assertTrue(export.contains("\"status\":\"in_doubt\""), export);
            assertTrue(export.contains("\"error\":\"stopped\""), export);
        }
    }

    @Test
    void what_the_server_says_of_a_stopped_call_in_time_counts(@TempDir Path directory) throws Exception {
        open(directory, false);
        try (var client = stage.legacy()) {
            var running = async(() -> client.post(Client.call(7, "walk", "")).json());
            await(() -> server.all("tools/call").size() == 1);

            stop("server", "shop");
            goOn.countDown();

            JsonObject told = running.get(30, TimeUnit.SECONDS).object("result").orElseThrow();
            assertFalse(told.isTrue("isError"), told::toString);
        }
    }
}
