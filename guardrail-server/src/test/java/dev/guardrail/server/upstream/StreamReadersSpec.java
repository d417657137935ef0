package dev.guardrail.server.upstream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class StreamReadersSpec {

    private static List<String> lines(String text, int cap) throws IOException {
        var splitter = new LineSplitter(new ByteArrayInputStream(text.getBytes(UTF_8)), cap);
        var lines = new ArrayList<String>();
        for (byte[] line = splitter.next(); line != null; line = splitter.next()) lines.add(new String(line, UTF_8));
        return lines;
    }

    private static List<String> events(String text) throws IOException {
        var reader = reader(text, 100, 1_000_000);
        var events = new ArrayList<String>();
        for (byte[] event = reader.next(); event != null; event = reader.next()) events.add(new String(event, UTF_8));
        return events;
    }

    private static EventReader reader(String text, int event, long stream) {
        return new EventReader(new ByteArrayInputStream(text.getBytes(UTF_8)), event, stream);
    }

    @Test
    void lines_end_at_a_line_feed_and_nowhere_else() throws IOException {
        assertEquals(
                List.of("a\rb", "", "c\u2028d\u0085e\u000Bf", "g\r"),
                lines("a\rb\n\nc\u2028d\u0085e\u000Bf\ng\r\n", 100));
    }

    @Test
    void what_has_no_end_is_no_line() throws IOException {
        assertEquals(List.of("a"), lines("a\nb", 100));
        assertEquals(List.of(), lines("", 100));
    }

    @Test
    void a_line_may_be_as_long_as_the_cap_and_no_longer() throws IOException {
        assertEquals(List.of("x".repeat(100)), lines("x".repeat(100) + "\n", 100));
        assertThrows(LineSplitter.TooLong.class, () -> lines("x".repeat(101) + "\n", 100));
        assertThrows(LineSplitter.TooLong.class, () -> lines("x".repeat(101), 100));
        assertEquals(List.of("y".repeat(100_000), "z"), lines("y".repeat(100_000) + "\nz\n", 100_000));
    }

    @Test
    void events_end_at_an_empty_line_of_any_kind() throws IOException {
        assertEquals(List.of("1", "2", "3"), events("data: 1\n\ndata:2\r\rdata: 3\r\n\r\n"));
    }

    @Test
    void data_of_several_lines_is_joined_and_the_rest_is_not_data() throws IOException {
        assertEquals(
                List.of("a\nb", " c"),
                events(": note\nevent: message\ndata: a\ndata: b\nfoo: bar\n\nid: 7\n\ndata:  c\n\n"));
    }

    @Test
    void a_byte_order_mark_may_begin_a_stream_and_stands_nowhere_else() throws IOException {
        assertEquals(List.of("a", "c"), events("\uFEFFdata: a\n\n\uFEFFdata: b\n\ndata: c\n\n"));
        assertEquals(List.of(), events("\n\uFEFFdata: a\n\n"));
    }

    @Test
    void an_event_without_an_end_is_none() throws IOException {
        assertEquals(List.of("a"), events("data: a\n\ndata: b\n"));
    }

    @Test
    void id_and_pause_are_kept() throws IOException {
        var reader = reader("id: 7\nretry: 250\ndata\n\nid: \u0001\nretry: soon\ndata: x\n\n", 100, 1_000);

        assertEquals("", new String(reader.next(), UTF_8));
        assertEquals("x", new String(reader.next(), UTF_8));
        assertEquals("7", reader.lastId());
        assertEquals(250, reader.retryMillis());
    }

    @Test
    void an_event_and_a_stream_have_a_cap() {
        assertThrows(
                LineSplitter.TooLong.class,
                () -> reader("data: " + "x".repeat(200), 100, 1_000).next());
        assertThrows(
                LineSplitter.TooLong.class,
                () -> reader("data: x\n".repeat(200), 100, 10_000).next());
        assertThrows(
                LineSplitter.TooLong.class,
                () -> reader(": x\n".repeat(200), 100, 500).next());
    }
}
