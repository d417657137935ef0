package dev.guardrail.server.door.mcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.JsonObject;
import dev.guardrail.call.CallId;
import io.modelcontextprotocol.client.McpClient;
import io.modelcontextprotocol.client.McpSyncClient;
import io.modelcontextprotocol.client.transport.HttpClientStreamableHttpTransport;
import io.modelcontextprotocol.spec.McpError;
import io.modelcontextprotocol.spec.McpSchema;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The MCP Java SDK's own client at the door.
class McpJavaClientSpec {
    private final BlockingQueue<McpSchema.ProgressNotification> progress = new LinkedBlockingQueue<>();
    private final BlockingQueue<List<McpSchema.Tool>> changes = new LinkedBlockingQueue<>();
    private DoorUnderTest door;
    private McpSyncClient client;

    @BeforeEach
    void connect() {
        door = new DoorUnderTest(DoorUnderTest.settings());
        var schema = JsonObject.with(
                        "inputSchema", JsonObject.with("type", "object").build())
                .build();
        door.guard.tools = List.of(FakeGuard.tool("echo", schema), FakeGuard.tool("held", schema));
        var transport = HttpClientStreamableHttpTransport.builder(door.uri("").toString())
                .endpoint("/mcp/files")
                .openConnectionOnStartup(true)
                .requestBuilder(HttpRequest.newBuilder().header("Authorization", "Bearer coder"))
                .build();
        client = McpClient.sync(transport)
                .requestTimeout(Duration.ofSeconds(30))
                .progressConsumer(progress::add)
                .toolsChangeConsumer(changes::add)
                .build();
        client.initialize();
    }

    @AfterEach
    void disconnect() {
        client.close();
        door.close();
    }

    private static McpSchema.CallToolRequest call(String tool) {
        return McpSchema.CallToolRequest.builder(tool)
                .arguments(Map.of("path", "/workspace/a"))
                .build();
    }

    private static String text(McpSchema.CallToolResult result) {
        return result.content().getFirst() instanceof McpSchema.TextContent text ? text.text() : "no text";
    }

    @Test
    void it_is_greeted_lists_and_calls() {
        assertEquals("upstream/files", client.getServerInfo().name());
        assertEquals(
                List.of("echo", "held"),
                client.listTools().tools().stream().map(McpSchema.Tool::name).toList());
        assertEquals("{\"path\":\"/workspace/a\"}", text(client.callTool(call("echo"))));
        client.ping();
    }

    @Test
    void it_is_told_of_a_denial_as_a_result() {
        var denied = client.callTool(call("delete"));
        assertTrue(denied.isError());
        assertTrue(text(denied).startsWith("Denied by policy (some-rule)."), () -> text(denied));
        assertTrue(denied.meta().containsKey(ToolAnswer.DECISION));
    }

    @Test
    void it_waits_for_a_person_and_hears_of_progress() throws Exception {
        var asked = McpSchema.CallToolRequest.builder("held").progressToken("p").build();
        var answer = CompletableFuture.supplyAsync(() -> client.callTool(asked), Thread::startVirtualThread);
        assertEquals("held call_1", door.guard.event());
        var heard = progress.poll(20, TimeUnit.SECONDS);
        assertEquals("p", heard == null ? "nothing heard" : heard.progressToken());
        door.guard.approve(new CallId("call_1"));
        assertEquals("approved and run", text(answer.get(20, TimeUnit.SECONDS)));
        assertFalse(door.guard.executed.isEmpty());
    }

    @Test
    void it_throws_only_where_nothing_could_be_judged() {
        var thrown = assertThrows(McpError.class, () -> client.callTool(call("broken")));
        assertTrue(String.valueOf(thrown.getMessage()).contains("the journal cannot be written"));
    }

    @Test
    void it_hears_that_the_tools_changed() throws Exception {
        // The client opens its stream beside its first requests; it hears of changes from then on.
        List<McpSchema.Tool> heard = null;
        for (int attempt = 0; heard == null && attempt < 100; attempt++) {
            door.door().toolsChanged("files");
            heard = changes.poll(200, TimeUnit.MILLISECONDS);
        }
        assertEquals(2, heard == null ? 0 : heard.size());
    }
}
