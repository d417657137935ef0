package dev.guardrail.server.bench;

import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonWriter;
import dev.guardrail.base.StrictJson;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/// A minimal MCP server over Streamable HTTP: one tool, JSON answers, nothing else; so that a hop in front of it shows.
final class EchoUpstream {
    private EchoUpstream() {}

    public static void main(String[] arguments) throws IOException {
        var listening = new ServerSocket(Integer.parseInt(arguments[0]), 512, InetAddress.getLoopbackAddress());
        while (true) {
            Socket socket = listening.accept();
            Thread.ofVirtual().start(() -> serve(socket));
        }
    }

    private static void serve(Socket socket) {
        try (socket) {
            socket.setTcpNoDelay(true);
            var in = new BufferedInputStream(socket.getInputStream(), 16 * 1024);
            OutputStream out = socket.getOutputStream();
            for (byte[] body = request(in); body != null; body = request(in)) {
                byte[] answer = body.length == 0 ? new byte[0] : answer(body);
                String status =
                        body.length == 0 ? "405 Method Not Allowed" : answer.length == 0 ? "202 Accepted" : "200 OK";
                String head = "HTTP/1.1 " + status + "\r\nContent-Type: application/json\r\nContent-Length: "
                        + answer.length + "\r\n\r\n";
                byte[] start = head.getBytes(StandardCharsets.US_ASCII);
                byte[] whole = java.util.Arrays.copyOf(start, start.length + answer.length);
                System.arraycopy(answer, 0, whole, start.length, answer.length);
                out.write(whole);
                out.flush();
            }
        } catch (IOException ended) {
            // A client that goes away in the middle is no news to a benchmark's upstream.
            return;
        }
    }

    private static byte @org.jspecify.annotations.Nullable [] request(BufferedInputStream in) throws IOException {
        var head = new StringBuilder(512);
        while (!(head.length() >= 4 && head.substring(head.length() - 4).equals("\r\n\r\n"))) {
            int next = in.read();
            if (next < 0) return null;
            head.append((char) next);
        }
        for (String line : head.toString().split("\r\n"))
            if (line.toLowerCase(Locale.ROOT).startsWith("content-length:"))
                return in.readNBytes(Integer.parseInt(line.substring(15).strip()));
        return new byte[0];
    }

    private static byte[] answer(byte[] body) {
        var request = (JsonObject) StrictJson.parse(body);
        if (!request.has("id")) return new byte[0];
        JsonObject result = switch (request.text("method").orElse("")) {
            case "initialize" ->
                JsonObject.with("protocolVersion", "2025-11-25")
                        .with(
                                "capabilities",
                                JsonObject.with("tools", JsonObject.EMPTY).build())
                        .with(
                                "serverInfo",
                                JsonObject.with("name", "echo")
                                        .with("version", "1")
                                        .build())
                        .build();
            case "tools/list" ->
                JsonObject.with("tools", new JsonArray(java.util.List.of(tool())))
                        .build();
            case "tools/call" ->
                JsonObject.with(
                                "content",
                                new JsonArray(java.util.List.of(JsonObject.with("type", "text")
                                        .with("text", "hello")
                                        .build())))
                        .build();
            default -> JsonObject.EMPTY;
        };
        return JsonWriter.bytes(JsonObject.with("jsonrpc", "2.0")
                .with("id", request.get("id").orElseThrow())
                .with("result", result)
                .build());
    }

    private static JsonObject tool() {
        var text = JsonObject.with("type", "string").build();
        return JsonObject.with("name", "echo")
                .with(
                        "inputSchema",
                        JsonObject.with("type", "object")
                                .with(
                                        "properties",
                                        JsonObject.with("message", text)
                                                .with("path", text)
                                                .build())
                                .build())
                .build();
    }
}
