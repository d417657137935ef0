package dev.guardrail.server.upstream;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import dev.guardrail.base.JsonWriter;
import dev.guardrail.base.StrictJson;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// An MCP server over stdio whose tools do what servers should not; each is named for it. It notes every method
/// that it receives, one a line, in the file that its first argument names. Run as a process of its own.
final class UnrulyServer {
    private static final List<String> TOOLS = List.of(
            "echo",
            "fails",
            "error",
            "silent",
            "garbage",
            "foreign",
            "huge",
            "twice",
            "unknown",
            "die",
            "change",
            "progress",
            "ask",
            "environment",
            "numbers",
            "split",
            "child",
            "list-object",
            "late-death");

    private final Path notes;
    private final OutputStream out = System.out;
    private final List<String> heard = new ArrayList<>();
    private String description = "Does.";

    private UnrulyServer(Path notes) {
        this.notes = notes;
    }

    /// A command that starts the server on this JVM's classes.
    static List<String> command(Path notes, String... more) {
        String path = place(UnrulyServer.class) + java.io.File.pathSeparator + place(StrictJson.class);
        var command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                path,
                UnrulyServer.class.getName(),
                notes.toString()));
        command.addAll(List.of(more));
        return command;
    }

    private static String place(Class<?> type) {
        return Path.of(java.net.URI.create(
                        type.getProtectionDomain().getCodeSource().getLocation().toString()))
                .toString();
    }

    public static void main(String[] arguments) throws IOException {
        System.err.println("a banner \u001b[31m with colours");
        new UnrulyServer(Path.of(arguments[0])).serve();
    }

    private void serve() throws IOException {
        var in = new BufferedReader(new InputStreamReader(System.in, UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            var message = (JsonObject) StrictJson.parse(line.getBytes(UTF_8));
            heard.add(message.text("method").orElse(message.without("id").toString()));
            note(message.text("method").orElse("reply"));
            if (message.has("method") && message.has("id")) answer(message);
        }
        note("end");
    }

    private void note(String what) throws IOException {
        Files.writeString(notes, what + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    private void answer(JsonObject message) throws IOException {
        String id = message.text("id").orElseThrow();
        var params = message.object("params").orElse(JsonObject.EMPTY);
        switch (message.text("method").orElseThrow()) {
            case "initialize" -> result(id, greeting());
            case "tools/list" -> result(id, list(params));
            case "tools/call" -> call(id, params);
            default -> result(id, JsonObject.EMPTY);
        }
    }

    private static JsonObject greeting() {
        var tools = JsonObject.builder().with("listChanged", true).build();
        return JsonObject.with("protocolVersion", "2025-06-18")
                .with("capabilities", JsonObject.with("tools", tools).build())
                .with(
                        "serverInfo",
                        JsonObject.with("name", "unruly").with("version", "1").build())
                .build();
    }

    /// Two pages.
    private JsonObject list(JsonObject params) {
        boolean first = params.text("cursor").isEmpty();
        var names = first ? TOOLS.subList(0, 3) : TOOLS.subList(3, TOOLS.size());
        var page = JsonObject.with(
                "tools",
                new JsonArray(
                        names.stream().<dev.guardrail.base.Json>map(this::tool).toList()));
        return page.with("nextCursor", first ? Optional.of("more") : Optional.empty())
                .build();
    }

    private JsonObject tool(String name) {
        return JsonObject.with("name", name)
                .with("description", description)
                .with("inputSchema", JsonObject.with("type", "object").build())
                .build();
    }

    private void call(String id, JsonObject params) throws IOException {
        switch (params.text("name").orElseThrow()) {
            case "echo" ->
                result(id, text(params.object("arguments").orElseThrow().toString()));
            case "fails" -> result(id, text("no").set("isError", dev.guardrail.base.JsonBoolean.TRUE));
            case "error" ->
                line("{\"jsonrpc\":\"2.0\",\"id\":\"" + id
                        + "\",\"error\":{\"code\":-32602,\"message\":\"bad\",\"data\":{\"why\":1.50}}}");
            case "silent" -> {}
            case "garbage" -> line("{\"jsonrpc\":\"2.0\",\"id\":\"" + id + "\",\"result\":{\"a\":1,\"a\":2}}");
            case "foreign" -> foreign(id);
            case "huge" -> huge(id);
            case "twice" -> {
                result(id, text("first"));
                result(id, text("second"));
            }
            case "unknown" -> {
                result("g-made-up", text("forged"));
                line("[]");
                line("not json at all");
                result(id, text("right"));
            }
            case "die" -> System.exit(3);
            case "late-death" -> {
                result(id, text("last words"));
                System.exit(0);
            }
            case "change" -> {
                description = "Does something else.";
                line("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/tools/list_changed\"}");
                result(id, text("changed"));
            }
            case "progress" -> progress(id, params);
            case "ask" -> ask(id);
            case "environment" ->
                result(
                        id,
                        text(String.join(
                                ",", new java.util.TreeSet<>(System.getenv().keySet()))));
            case "numbers" ->
                line("{\"jsonrpc\":\"2.0\",\"id\":\"" + id
                        + "\",\"result\":{\"z\":0.1000000000000000055,\"content\":[],\"a\":1.0,\"half\":\"\\ud83d\"}}");
            case "split" ->
                line("{\"jsonrpc\":\"2.0\",\"id\":\"" + id + "\",\"result\":{\"content\":[]}}\r"
                        + "{\"jsonrpc\":\"2.0\",\"method\":\"ping\",\"id\":1}");
            case "child" ->
                result(
                        id,
                        text(Long.toString(
                                new ProcessBuilder("sleep", "600").start().pid())));
            case "list-object" -> line("{\"jsonrpc\":\"2.0\",\"id\":\"" + id + "\",\"result\":[]}");
            default -> throw new IOException("no such tool");
        }
    }

    /// Answers in Latin-1.
    private void foreign(String id) throws IOException {
        out.write(("{\"jsonrpc\":\"2.0\",\"id\":\"" + id + "\",\"result\":{\"text\":\"caf\u00e9\"}}\n")
                .getBytes(java.nio.charset.StandardCharsets.ISO_8859_1));
        out.flush();
    }

    /// A line of 1 GiB.
    private void huge(String id) throws IOException {
        out.write(("{\"jsonrpc\":\"2.0\",\"id\":\"" + id + "\",\"result\":{\"text\":\"").getBytes(UTF_8));
        byte[] much = "x".repeat(1 << 20).getBytes(UTF_8);
        for (int i = 0; i < 1024; i++) out.write(much);
        out.write("\"}}\n".getBytes(UTF_8));
        out.flush();
    }

    private void progress(String id, JsonObject params) throws IOException {
        var token = params.object("_meta").flatMap(meta -> meta.get("progressToken"));
        for (int i = 1; i <= 3; i++) {
            if (token.isEmpty()) break;
            var progress = JsonObject.with("progressToken", token.get())
                    .with("progress", dev.guardrail.base.JsonNumber.of(i))
                    .build();
            send(JsonObject.with("jsonrpc", "2.0")
                    .with("method", "notifications/progress")
                    .with("params", progress));
        }
        result(id, text(token.isPresent() ? "told" : "silent"));
    }

    /// Asks the client things, and answers with what it said.
    private void ask(String id) throws IOException {
        heard.clear();
        line("{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"ping\"}");
        line("{\"jsonrpc\":\"2.0\",\"id\":\"s\",\"method\":\"sampling/createMessage\",\"params\":{}}");
        var in = new BufferedReader(new InputStreamReader(System.in, UTF_8), 1);
        var replies = new ArrayList<String>();
        while (replies.size() < 2) replies.add(in.readLine());
        result(id, text(String.join("\n", replies)));
    }

    private static JsonObject text(String text) {
        var item =
                JsonObject.with("type", "text").with("text", new JsonText(text)).build();
        return JsonObject.with("content", new JsonArray(List.of(item))).build();
    }

    private void result(String id, JsonObject result) throws IOException {
        send(JsonObject.with("jsonrpc", "2.0").with("id", id).with("result", result));
    }

    private void send(JsonObject.Builder message) throws IOException {
        line(new String(JsonWriter.bytes(message.build()), UTF_8));
    }

    private void line(String text) throws IOException {
        out.write((text + "\n").getBytes(UTF_8));
        out.flush();
    }
}
