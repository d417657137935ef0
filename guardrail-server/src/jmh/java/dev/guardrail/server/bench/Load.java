package dev.guardrail.server.bench;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongFunction;

/// Load over keep-alive HTTP/1.1 connections, one platform thread each, one request in flight on each.
final class Load {
    private Load() {}

    /// What a load measured.
    ///
    /// @param p50Nanos median time from the first byte sent to the last byte received
    /// @param requests answered with 200 or 202
    /// @param failures answered otherwise
    record Result(int connections, double seconds, long requests, long failures, long p50Nanos, long p99Nanos) {
        double perSecond() {
            return requests / seconds;
        }

        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "c=%d %.0f/s p50 %.0f us p99 %.0f us (%d answered, %d failed)",
                    connections,
                    perSecond(),
                    p50Nanos / 1e3,
                    p99Nanos / 1e3,
                    requests,
                    failures);
        }
    }

    /// One request, ready to be sent.
    ///
    /// @param headers lines beside `Host` and `Content-Length`, each ended by CRLF
    record Target(URI url, String headers, LongFunction<String> body) {
        byte[] request(long number) {
            byte[] content = body.apply(number).getBytes(StandardCharsets.UTF_8);
            String head = "POST " + url.getPath() + " HTTP/1.1\r\nHost: " + url.getAuthority() + "\r\n" + headers
                    + "Content-Length: " + content.length + "\r\n\r\n";
            byte[] start = head.getBytes(StandardCharsets.US_ASCII);
            byte[] whole = Arrays.copyOf(start, start.length + content.length);
            System.arraycopy(content, 0, whole, start.length, content.length);
            return whole;
        }
    }

    static Result run(Target target, int connections, double seconds) throws Exception {
        var numbers = new AtomicLong(System.nanoTime() & 0xFFFFFFFFFFL);
        long end = System.nanoTime() + (long) (seconds * 1e9);
        var times = new ArrayList<long[]>();
        long failures = 0;
        long start = System.nanoTime();
        try (var pool = Executors.newFixedThreadPool(connections)) {
            List<Future<Lane>> lanes = new ArrayList<>();
            for (int i = 0; i < connections; i++) lanes.add(pool.submit(() -> new Lane(target, numbers).drive(end)));
            for (Future<Lane> lane : lanes) {
                times.add(lane.get().times());
                failures += lane.get().failures;
            }
        }
        double took = (System.nanoTime() - start) / 1e9;
        long[] all = times.stream().flatMapToLong(Arrays::stream).sorted().toArray();
        return new Result(connections, took, all.length, failures, at(all, 0.5), at(all, 0.99));
    }

    static long at(long[] sorted, double part) {
        return sorted.length == 0 ? 0 : sorted[Math.min(sorted.length - 1, (int) (sorted.length * part))];
    }

    /// One connection.
    private static final class Lane {
        private final Target target;
        private final AtomicLong numbers;
        private long[] times = new long[4_096];
        private int count;
        private long failures;

        Lane(Target target, AtomicLong numbers) {
            this.target = target;
            this.numbers = numbers;
        }

        long[] times() {
            return Arrays.copyOf(times, count);
        }

        Lane drive(long end) throws IOException {
            try (var socket = new Socket(target.url().getHost(), target.url().getPort())) {
                socket.setTcpNoDelay(true);
                OutputStream out = socket.getOutputStream();
                var in = new BufferedInputStream(socket.getInputStream(), 16 * 1024);
                while (System.nanoTime() < end) {
                    byte[] request = target.request(numbers.incrementAndGet());
                    long start = System.nanoTime();
                    out.write(request);
                    out.flush();
                    if (Answer.read(in).isGood()) add(System.nanoTime() - start);
                    else failures++;
                }
            }
            return this;
        }

        private void add(long nanos) {
            if (count == times.length) times = Arrays.copyOf(times, count * 2);
            times[count++] = nanos;
        }
    }

    /// An HTTP answer, as much of it as matters.
    record Answer(int status, String head, byte[] body) {
        boolean isGood() {
            return status == 200 || status == 202;
        }

        String header(String name) {
            for (String line : head.split("\r\n"))
                if (line.toLowerCase(Locale.ROOT).startsWith(name + ":"))
                    return line.substring(name.length() + 1).strip();
            return "";
        }

        static Answer read(InputStream in) throws IOException {
            var head = new StringBuilder(512);
            while (!(head.length() >= 4 && head.substring(head.length() - 4).equals("\r\n\r\n"))) {
                int next = in.read();
                if (next < 0) throw new IOException("the connection ended in the head of an answer: " + head);
                head.append((char) next);
            }
            String text = head.toString();
            var answer = new Answer(Integer.parseInt(text.substring(9, 12)), text, new byte[0]);
            return new Answer(answer.status(), text, body(in, answer));
        }

        private static byte[] body(InputStream in, Answer answer) throws IOException {
            String length = answer.header("content-length");
            if (!length.isEmpty()) return in.readNBytes(Integer.parseInt(length));
            if (!answer.header("transfer-encoding").equalsIgnoreCase("chunked")) return new byte[0];
            var whole = new java.io.ByteArrayOutputStream();
            while (true) {
                int size = Integer.parseInt(line(in), 16);
                whole.write(in.readNBytes(size));
                line(in);
                if (size == 0) return whole.toByteArray();
            }
        }

        private static String line(InputStream in) throws IOException {
            var line = new StringBuilder();
            for (int next = in.read(); next != '\n'; next = in.read()) {
                if (next < 0) throw new IOException("the connection ended in an answer");
                if (next != '\r') line.append((char) next);
            }
            return line.toString();
        }
    }
}
