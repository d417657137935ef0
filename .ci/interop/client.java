import io.modelcontextprotocol.client.McpClient;
import io.modelcontextprotocol.client.McpSyncClient;
import io.modelcontextprotocol.client.transport.HttpClientStreamableHttpTransport;
import io.modelcontextprotocol.json.McpJsonDefaults;
import io.modelcontextprotocol.json.McpJsonMapper;
import io.modelcontextprotocol.json.TypeRef;
import io.modelcontextprotocol.spec.McpSchema;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/// The Java SDK's client, driven by lines on stdin as drive.mjs says.
final class Driven {
    private static final McpJsonMapper JSON = McpJsonDefaults.getMapper();

    public static void main(String[] arguments) throws Exception {
        var uri = URI.create(System.getenv("MCP_URL"));
        var progress = new AtomicInteger();
        var transport = HttpClientStreamableHttpTransport.builder(uri.resolve("/").toString())
                .endpoint(uri.getPath())
                .requestBuilder(HttpRequest.newBuilder().header("Authorization", "Bearer " + System.getenv("MCP_KEY")))
                .build();
        try (var client = McpClient.sync(transport)
                .requestTimeout(Duration.ofSeconds(60))
                .progressConsumer(heard -> progress.incrementAndGet())
                .build()) {
            client.initialize();
            say(Map.of("ready", true));
            var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                progress.set(0);
                try {
                    say(act(client, JSON.readValue(line, new TypeRef<HashMap<String, Object>>() {}), progress));
                } catch (RuntimeException thrown) {
                    say(Map.of("error", String.valueOf(thrown.getMessage())));
                }
            }
        }
        System.exit(0);
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> act(McpSyncClient client, Map<String, Object> command, AtomicInteger progress) {
        if ("list".equals(command.get("op"))) {
            List<String> names =
                    client.listTools().tools().stream().map(McpSchema.Tool::name).toList();
            return Map.of("tools", names);
        }
        var request = McpSchema.CallToolRequest.builder((String) command.get("tool"))
                .arguments((Map<String, Object>) command.get("args"));
        if (Boolean.TRUE.equals(command.get("progress"))) request.progressToken("token");
        var result = client.callTool(request.build());
        return Map.of("result", result, "progress", progress.get());
    }

    private static void say(Map<String, Object> answer) throws java.io.IOException {
        System.out.println(JSON.writeValueAsString(answer));
        System.out.flush();
    }
}
