package dev.guardrail.server.eras;

import static dev.guardrail.server.eras.PlayedServer.complete;
import static dev.guardrail.server.eras.PlayedServer.tool;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.JsonObject;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Which call it is, as the server is told in either era: by the guard, whatever the client says.
@Timeout(120)
final class IdempotencyKeySpec {
    private static final String KEY = "dev.guardrail/idempotency-key";

    private static final String RULES = Stage.EVERYTHING + """
            ---
            apiVersion: guardrail/v1
            kind: Tools
            server: shop
            tools:
              run: {effect: write, idempotent: true}
              get: {effect: read, idempotent: true}
            """;

    @Test
    void the_guard_says_it_to_servers_of_the_first_era(@TempDir Path directory) throws Exception {
        try (var stage = new Stage(directory, played(false), RULES);
                var client = stage.legacy()) {
            for (String name : List.of("run", "run", "plain", "get"))
                client.answer(
                        "tools/call",
                        "{\"name\":\"" + name + "\",\"arguments\":{},\"_meta\":{\"" + KEY
                                + "\":\"call_forged\",\"kept\":1}}");
            assertTold(stage.server);
        }
    }

    @Test
    void the_guard_says_it_to_servers_of_the_second_era(@TempDir Path directory) throws Exception {
        try (var stage = new Stage(directory, played(true), RULES);
                var client = stage.modern()) {
            for (String name : List.of("run", "run", "plain", "get")) {
                String more = ",\"name\":\"" + name + "\",\"arguments\":{}";
                client.ask(1, "tools/call", "{},\"" + KEY + "\":\"call_forged\",\"kept\":1", more, java.util.Map.of())
                        .json();
            }
            assertTold(stage.server);
        }
    }

    private static PlayedServer played(boolean modern) throws Exception {
        var server = new PlayedServer(modern, tool("run"), tool("plain"), tool("get"));
        for (String name : List.of("run", "plain", "get"))
            server.on("tools/call " + name, turn -> turn.result(complete("ran")));
        return server;
    }

    private static void assertTold(PlayedServer server) {
        var metas = server.all("tools/call").stream()
                .map(turn -> turn.params().object("_meta").orElse(JsonObject.EMPTY))
                .toList();
        assertEquals(4, metas.size());
        for (JsonObject meta : metas)
            assertEquals("1", meta.get("kept").orElseThrow().toString());
        for (JsonObject meta : metas.subList(0, 2))
            assertTrue(meta.text(KEY).orElseThrow().matches("call_[0-9A-Z]{26}"), meta.toString());
        assertNotEquals(metas.get(0).text(KEY), metas.get(1).text(KEY));
        for (JsonObject meta : metas.subList(2, 4)) assertTrue(!meta.has(KEY), meta.toString());
    }
}
