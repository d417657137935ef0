package dev.guardrail.server.bench;

import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/// Somebody signed in at the console, who asks over one connection.
final class Console {
    private final URI base;
    private final String cookie;

    private Console(URI base, String cookie) {
        this.base = base;
        this.cookie = cookie;
    }

    static Console signedIn(URI base, String key) throws IOException {
        String headers = "Content-Type: application/x-www-form-urlencoded\r\nSec-Fetch-Site: same-origin\r\n";
        Load.Answer answer = post(base.resolve("/console/sign-in"), headers, "key=" + key);
        String set = answer.header("set-cookie");
        if (answer.status() != 303 || set.isEmpty()) throw new IOException("not signed in: " + answer.head());
        return new Console(base, "Cookie: " + set.substring(0, set.indexOf(';')) + "\r\n");
    }

    String page(String path) throws IOException {
        String page = get(base.resolve(path), cookie + "Accept: text/html\r\n");
        if (!page.contains("</html>")) throw new IOException("no page: " + page);
        return page;
    }

    static Load.Answer post(URI url, String headers, String body) throws IOException {
        var target = new Load.Target(url, headers, number -> body);
        try (var socket = new Socket(url.getHost(), url.getPort())) {
            socket.getOutputStream().write(target.request(0));
            return Load.Answer.read(new BufferedInputStream(socket.getInputStream()));
        }
    }

    static String get(URI url, String headers) throws IOException {
        try (var socket = new Socket(url.getHost(), url.getPort())) {
            socket.setTcpNoDelay(true);
            socket.getOutputStream().write(request(url, headers));
            var answer = Load.Answer.read(new BufferedInputStream(socket.getInputStream()));
            if (answer.status() != 200) throw new IOException(url + " answered " + answer.status());
            return new String(answer.body(), StandardCharsets.UTF_8);
        }
    }

    private static byte[] request(URI url, String headers) {
        String path = url.getRawPath() + (url.getRawQuery() == null ? "" : "?" + url.getRawQuery());
        String head = "GET " + path + " HTTP/1.1\r\nHost: " + url.getAuthority() + "\r\n" + headers + "\r\n";
        return head.getBytes(StandardCharsets.US_ASCII);
    }

    Listening listen(String path) throws IOException {
        return new Listening(base.resolve(path), cookie);
    }

    /// An open page's stream of events: notes when its queue changed.
    static final class Listening implements AutoCloseable {
        private static final long PATIENCE_SECONDS = 60;

        private final Socket socket;
        private final Semaphore parts = new Semaphore(0);
        private volatile long at;

        private Listening(URI url, String headers) throws IOException {
            socket = new Socket(url.getHost(), url.getPort());
            socket.getOutputStream().write(request(url, headers + "Accept: text/event-stream\r\n"));
            var lines = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
            Thread.ofVirtual().start(() -> read(lines));
        }

        private void read(BufferedReader lines) {
            try {
                for (String line = lines.readLine(); line != null; line = lines.readLine())
                    if (line.equals("data: queue")) {
                        at = System.nanoTime();
                        parts.release();
                    }
            } catch (IOException ended) {
                parts.drainPermits(); // whoever waits for more runs out of patience
            }
        }

        void forget() {
            parts.drainPermits();
        }

        /// @return when the last of so many changes came
        long await(int changes) throws IOException, InterruptedException {
            if (!parts.tryAcquire(changes, PATIENCE_SECONDS, TimeUnit.SECONDS))
                throw new IOException("an open page was not told");
            return at;
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
