package dev.guardrail.server.eras;

import static dev.guardrail.server.eras.PlayedServer.await;
import static dev.guardrail.server.eras.PlayedServer.tool;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.StrictJson;
import dev.guardrail.server.wiring.Served;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A notice that arrives more than once, at a receiver that approves whatever it is told of: the call runs once.
@Timeout(120)
class DuplicateDeliverySpec {
    private static final int TIMES = 3;
    private static final String RULES = """
            apiVersion: guardrail/v1
            kind: Policy
            metadata: {name: held}
            rules:
              - id: ask
                match: {tools: ["shop.run"]}
                effect: require_approval
                approval: {notify: [bot]}
            """;

    private final List<String> ids = new CopyOnWriteArrayList<>();
    private final List<String> votes = new CopyOnWriteArrayList<>();

    @SuppressWarnings("NullAway.Init") // set before any call
    private volatile Served guard;

    /// Approves, and runs what it approved, at each delivery; says that it failed until the last.
    private void approve(HttpExchange exchange) throws IOException {
        try (exchange) {
            var event = (JsonObject) StrictJson.parse(exchange.getRequestBody().readAllBytes());
            if (!event.text("type").orElseThrow().equals("dev.guardrail.approval.requested")) {
                exchange.sendResponseHeaders(204, -1);
                return;
            }
            ids.add(exchange.getRequestHeaders().getFirst("webhook-id"));
            String approval = event.text("subject").orElseThrow();
            String digest = guard.get(Served.ANN, "/v1/approvals/" + approval).text("argumentsDigest");
            var vote = guard.post(
                    Served.ANN, "/v1/approvals/" + approval + "/approve", "{\"argumentsDigest\":\"" + digest + "\"}");
            votes.add(vote.status() == 200 ? vote.text("state") : vote.problem());
            String call = guard.get(Served.ANN, "/v1/approvals/" + approval).text("callId");
            guard.post(Served.CODER, "/v1/calls/" + call + "/execute", "");
            exchange.sendResponseHeaders(ids.size() < TIMES ? 503 : 204, -1);
        }
    }

    @Test
    void duplicate_delivery_approves_and_runs_a_call_once(@TempDir Path directory) throws Exception {
        var bot = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        bot.createContext("/", this::approve);
        bot.start();
        try (var server = new PlayedServer(true, tool("run"))) {
            server.on(
                    "tools/call run",
                    turn -> turn.result(PlayedServer.complete(
                            PlayedServer.parse("{\"content\":[{\"type\":\"text\",\"text\":\"ran\"}]}"))));
            Files.createDirectories(directory.resolve("policies"));
            Served.write(directory.resolve("policies/rules.yaml"), RULES);
            Served.write(directory.resolve("hook.secret"), "a-signing-secret-of-some-length\n");
            Served.write(directory.resolve("guardrail.yaml"), """
                    listen: 127.0.0.1:0
                    data: ./data
                    policies: [./policies]
                    servers:
                      shop: {url: "%s"}
                    agents:
                      - {name: coder, key: {env: CODER}}
                    operators:
                      - {name: ann, key: {env: ANN}, roles: [approver]}
                      - {name: root, key: {env: ROOT}, roles: [admin]}
                    approvals:
                      notify:
                        bot: {webhook: "http://127.0.0.1:%d/", secret: {file: ./hook.secret}}
                    """.formatted(
                            server.url(), bot.getAddress().getPort()));
            try (Served running = Served.in(directory)) {
                guard = running;
                await(() -> guard.get(Served.ROOT, "/v1/tools").text().contains("\"shop."));
                String call =
                        guard.propose(Served.CODER, "shop.run", "{\"a\":\"x\"}").text("callId");
                await(() -> votes.size() == TIMES);
                assertEquals(1, ids.stream().distinct().count(), "a notice that is sent again has its id");
                assertEquals(List.of("approved", "ticket-closed", "ticket-closed"), votes);
                assertEquals(1, server.all("tools/call").size());
                assertTrue(
                        guard.get(Served.CODER, "/v1/calls/" + call).text().contains("\"executed\":true"),
                        () -> guard.get(Served.CODER, "/v1/calls/" + call).text());
            }
        } finally {
            bot.stop(0);
        }
    }
}
