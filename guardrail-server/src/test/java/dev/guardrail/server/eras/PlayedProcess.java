package dev.guardrail.server.eras;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.StrictJson;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/// An MCP server over stdio, of either era, run as a process of its own. It notes every message that it reads, one a
/// line, behind its process id, and `end` where its input ends.
final class PlayedProcess {
    private final Path notes;
    private final boolean modern;
    private final OutputStream out = System.out;
    private final BufferedReader in = new BufferedReader(new InputStreamReader(System.in, UTF_8));

    private PlayedProcess(boolean modern, Path notes) {
        this.modern = modern;
        this.notes = notes;
    }

    /// What starts it, as a configuration says it.
    static String command(boolean modern, Path notes) {
        String path = place(PlayedProcess.class) + java.io.File.pathSeparator + place(StrictJson.class);
        var words = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                path,
                PlayedProcess.class.getName(),
                String.valueOf(modern),
                notes.toString());
        return "{command: [\"" + String.join("\", \"", words) + "\"]}";
    }

    private static String place(Class<?> type) {
        return Path.of(URI.create(
                        type.getProtectionDomain().getCodeSource().getLocation().toString()))
                .toString();
    }

    public static void main(String[] arguments) throws IOException {
        new PlayedProcess(Boolean.parseBoolean(arguments[0]), Path.of(arguments[1])).serve();
    }

    private void serve() throws IOException {
        for (JsonObject message = next(); message != null; message = next())
            if (message.has("method") && message.has("id")) answer(message);
    }

    private @org.jspecify.annotations.Nullable JsonObject next() throws IOException {
        String line = in.readLine();
        Files.writeString(
                notes,
                ProcessHandle.current().pid() + " " + (line == null ? "end" : line) + "\n",
                StandardOpenOption.CREATE,
                StandardOpenOption.APPEND);
        return line == null ? null : (JsonObject) StrictJson.parse(line.getBytes(UTF_8));
    }

    private void answer(JsonObject message) throws IOException {
        String id = message.get("id").orElseThrow().toString();
        var params = message.object("params").orElse(JsonObject.EMPTY);
        switch (message.text("method").orElseThrow()) {
            case "server/discover" -> discover(id);
            case "initialize" -> initialize(id);
            case "tools/list" ->
                result(id, "\"tools\":[" + PlayedServer.tool("run") + "," + PlayedServer.tool("slow") + "]");
            case "tools/call" -> call(id, params.text("name").orElseThrow());
            case "subscriptions/listen" ->
                line("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/subscriptions/acknowledged\",\"params\":"
                        + "{\"_meta\":{\"io.modelcontextprotocol/subscriptionId\":" + id + "}}}");
            default -> result(id, "\"x\":1.0");
        }
    }

    private void discover(String id) throws IOException {
        if (modern) result(id, "\"supportedVersions\":[\"2026-07-28\"],\"capabilities\":{\"tools\":{}}");
        else line("{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"error\":{\"code\":-32601,\"message\":\"what is that?\"}}");
    }

    private void initialize(String id) throws IOException {
        line("{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"result\":{\"protocolVersion\":\"2025-11-25\","
                + "\"capabilities\":{\"tools\":{}},\"serverInfo\":{\"name\":\"process\",\"version\":\"1\"}}}");
    }

    private void call(String id, String tool) throws IOException {
        if (tool.equals("slow")) return;
        line("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\",\"params\":{\"level\":\"info\",\"data\":1}}");
        String said = "nothing";
        if (!modern) {
            line("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"sampling/createMessage\",\"params\":{\"maxTokens\":1}}");
            var reply = next();
            said = reply == null
                    ? "gone"
                    : reply.object("result")
                            .orElse(JsonObject.EMPTY)
                            .text("said")
                            .orElse("error");
        }
        result(id, "\"content\":[{\"type\":\"text\",\"text\":\"" + said + "\"}]");
    }

    private void result(String id, String members) throws IOException {
        line("{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"result\":{" + (modern ? "\"resultType\":\"complete\"," : "")
                + members + "}}");
    }

    private void line(String text) throws IOException {
        out.write((text + "\n").getBytes(UTF_8));
        out.flush();
    }
}
