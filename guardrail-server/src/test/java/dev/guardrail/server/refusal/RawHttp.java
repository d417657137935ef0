package dev.guardrail.server.refusal;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.StrictJson;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// An HTTP request written by hand, header by header, so that nothing on our side tidies it up.
final class RawHttp {
    private final int port;
    private final String method;
    private final String path;
    private final List<String[]> headers = new ArrayList<>();
    private String body = "";

    RawHttp(int port, String method, String path) {
        this.port = port;
        this.method = method;
        this.path = path;
    }

    /// Sets a header, once.
    RawHttp with(String name, String value) {
        return without(name).also(name, value);
    }

    /// Adds a header beside those of the same name.
    RawHttp also(String name, String value) {
        headers.add(new String[] {name, value});
        return this;
    }

    RawHttp without(String name) {
        headers.removeIf(header -> header[0].equalsIgnoreCase(name));
        return this;
    }

    /// Writes a header's name in another case.
    RawHttp renamed(String name, String as) {
        headers.forEach(header -> {
            if (header[0].equalsIgnoreCase(name)) header[0] = as;
        });
        return this;
    }

    String value(String name) {
        return headers.stream()
                .filter(header -> header[0].equalsIgnoreCase(name))
                .findFirst()
                .orElseThrow()[1];
    }

    RawHttp body(String text) {
        body = text;
        return this;
    }

    String body() {
        return body;
    }

    /// What came back.
    record Answer(int status, List<String> headers, String body) {
        String header(String name) {
            return headers.stream()
                    .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(name.toLowerCase(Locale.ROOT) + ":"))
                    .map(line -> line.substring(name.length() + 1).strip())
                    .findFirst()
                    .orElse("");
        }

        /// The message, or the last one of a stream.
        JsonObject json() {
            String text = header("Content-Type").startsWith("text/event-stream")
                    ? body.lines()
                            .filter(line -> line.startsWith("data: {"))
                            .reduce((before, after) -> after)
                            .orElseThrow()
                            .substring(6)
                    : body;
            return (JsonObject) StrictJson.parse(text.getBytes(UTF_8));
        }

        Optional<JsonObject> error() {
            return body.contains("{") ? json().object("error") : Optional.empty();
        }

        @Override
        public String toString() {
            return status + " " + body;
        }
    }

    /// Sends it, and reads until the server closes.
    Answer send() {
        try (Stream stream = open()) {
            return stream.rest();
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }

    /// Sends it, and reads the response as it comes.
    Stream open() throws IOException {
        var socket = new Socket("127.0.0.1", port);
        socket.setSoTimeout(30_000);
        byte[] content = body.getBytes(UTF_8);
        var head = new StringBuilder(method + " " + path + " HTTP/1.1\r\n");
        for (String[] header : headers)
            head.append(header[0]).append(": ").append(header[1]).append("\r\n");
        if (content.length > 0)
            head.append("Content-Length: ").append(content.length).append("\r\n");
        head.append("Connection: close\r\n\r\n");
        socket.getOutputStream().write(head.toString().getBytes(ISO_8859_1));
        socket.getOutputStream().write(content);
        socket.getOutputStream().flush();
        return new Stream(socket);
    }

    /// A response on its way.
    static final class Stream implements AutoCloseable {
        private final Socket socket;
        private final InputStream in;
        private final int status;
        private final List<String> headers = new ArrayList<>();
        private final boolean chunked;
        private int left;

        Stream(Socket socket) throws IOException {
            this.socket = socket;
            this.in = socket.getInputStream();
            this.status = Integer.parseInt(rawLine().split(" ", 3)[1]);
            for (String line = rawLine(); !line.isEmpty(); line = rawLine()) headers.add(line);
            this.chunked = headers.stream().anyMatch(line -> line.equalsIgnoreCase("transfer-encoding: chunked"));
        }

        int status() {
            return status;
        }

        private String rawLine() throws IOException {
            var line = new ByteArrayOutputStream();
            for (int next = in.read(); next != '\n'; next = in.read()) {
                if (next < 0) throw new IOException("the server closed within a line: " + line);
                if (next != '\r') line.write(next);
            }
            return line.toString(UTF_8);
        }

        private int read() throws IOException {
            if (!chunked) return in.read();
            if (left == 0) {
                left = Integer.parseInt(rawLine(), 16);
                if (left == 0) return -1;
            }
            int next = in.read();
            if (--left == 0) rawLine();
            return next;
        }

        /// The next line of the body that begins so.
        String line(String start) throws IOException {
            while (true) {
                var line = new ByteArrayOutputStream();
                for (int next = read(); next != '\n'; next = read()) {
                    if (next < 0) throw new IOException("the stream ended");
                    line.write(next);
                }
                if (line.toString(UTF_8).startsWith(start)) return line.toString(UTF_8);
            }
        }

        Answer rest() throws IOException {
            var bytes = new ByteArrayOutputStream();
            boolean empty = headers.stream().anyMatch(line -> line.equalsIgnoreCase("content-length: 0"));
            for (int next = empty ? -1 : read(); next >= 0; next = read()) bytes.write(next);
            return new Answer(status, headers, bytes.toString(UTF_8));
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
