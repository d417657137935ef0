package dev.guardrail.server.bridge;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class HostLinesSpec {
    private static List<String> lines(InputStream in, int cap) throws IOException {
        var reader = new HostLines(in, cap);
        var lines = new ArrayList<String>();
        while (true) {
            switch (reader.next()) {
                case HostLines.Line.Whole(byte[] bytes) -> lines.add(new String(bytes, UTF_8));
                case HostLines.Line.TooLong tooLong -> lines.add("(too long)");
                case HostLines.Line.None none -> {
                    return lines;
                }
            }
        }
    }

    private static List<String> lines(String text, int cap) throws IOException {
        return lines(new ByteArrayInputStream(text.getBytes(UTF_8)), cap);
    }

    @Test
    void a_line_ends_at_0x0A_and_nowhere_else() throws IOException {
        assertEquals(
                List.of("a\rb", "c\u0085d", "e\u2028f\u2029g", "h\u000bi\u000cj", "k\r"),
                lines("a\rb\nc\u0085d\ne\u2028f\u2029g\nh\u000bi\u000cj\nk\r\n", 100));
    }

    @Test
    void what_stands_after_the_last_end_is_no_line() throws IOException {
        assertEquals(List.of("whole"), lines("whole\nhalf", 100));
        assertEquals(List.of(), lines("", 100));
        assertEquals(List.of("", ""), lines("\n\n", 100));
    }

    @Test
    void a_line_beyond_the_cap_is_forgotten_and_the_next_one_read() throws IOException {
        String full = "x".repeat(50_000);
        assertEquals(List.of(full, "(too long)", "next"), lines(full + "\n" + full + "y\nnext\n", 50_000));
    }

    @Test
    void lines_come_whole_however_they_are_cut_on_the_way() throws IOException {
        byte[] bytes = "{\"a\":\"ü€😀\"}\nb\n".getBytes(UTF_8);
        var trickle = new InputStream() {
            private int at;

            @Override
            public int read() {
                return at < bytes.length ? bytes[at++] & 0xFF : -1;
            }

            @Override
            public int read(byte[] into, int from, int most) {
                int next = read();
                if (next < 0) return -1;
                into[from] = (byte) next;
                return 1;
            }
        };
        assertEquals(List.of("{\"a\":\"ü€😀\"}", "b"), lines(trickle, 100));
    }
}
