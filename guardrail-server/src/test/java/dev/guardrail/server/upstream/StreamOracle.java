package dev.guardrail.server.upstream;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What must hold of the readers of streams, whatever the bytes and however they arrive: what they find is what a
/// simple reader of the whole text finds, no piece beyond its cap, and beyond it an end.
final class StreamOracle {
    static final int CAP = 64;

    /// One reading of a stream, piece by piece.
    interface Pieces {
        byte @Nullable [] next() throws IOException;
    }

    /// A reader of a stream.
    interface Reader {
        Pieces over(InputStream in);
    }

    /// Everything that a reader found.
    ///
    /// @param ended true where the stream ended, false where a cap was hit
    private record Found(List<String> pieces, boolean ended) {}

    private final Reader lines;
    private final Reader events;

    StreamOracle() {
        this(in -> new LineSplitter(in, CAP)::next, in -> new EventReader(in, CAP, Long.MAX_VALUE)::next);
    }

    /// @param lines and events: readers to judge; a test plants wrong ones
    StreamOracle(Reader lines, Reader events) {
        this.lines = lines;
        this.events = events;
    }

    /// @throws AssertionError where something does not hold
    void judge(byte[] input) {
        lines(input);
        events(input);
    }

    private void lines(byte[] input) {
        Found whole = read(lines, new ByteArrayInputStream(input));
        require(whole.equals(read(lines, new Trickle(input))), "lines differ with how they arrive");
        List<String> expected = plainLines(new String(input, ISO_8859_1));
        int kept =
                (int) expected.stream().takeWhile(line -> line.length() <= CAP).count();
        require(whole.pieces.equals(expected.subList(0, whole.pieces.size())), "other lines");
        require(!whole.ended || whole.pieces.size() == expected.size(), "a line is lost");
        require(whole.pieces.size() == kept, "a cap is misjudged");
    }

    private void events(byte[] input) {
        Found whole = read(events, new ByteArrayInputStream(input));
        require(whole.equals(read(events, new Trickle(input))), "events differ with how they arrive");
        List<String> expected = plainEvents(new String(input, ISO_8859_1));
        require(whole.pieces.size() <= expected.size(), "an event from nowhere");
        require(whole.pieces.equals(expected.subList(0, whole.pieces.size())), "other events");
        require(!whole.ended || whole.pieces.size() == expected.size(), "an event is lost");
        boolean small = input.length <= CAP;
        require(whole.ended || !small, "a cap is hit that nothing reached");
    }

    private static Found read(Reader reader, InputStream in) {
        var pieces = new ArrayList<String>();
        Pieces from = reader.over(in);
        try {
            for (byte[] piece = from.next(); piece != null; piece = from.next()) {
                require(piece.length <= CAP, "a piece beyond its cap");
                pieces.add(new String(piece, ISO_8859_1));
            }
            return new Found(pieces, true);
        } catch (LineSplitter.TooLong beyond) {
            return new Found(pieces, false);
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }

    private static List<String> plainLines(String text) {
        var parts = new ArrayList<String>();
        int start = 0;
        for (int end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
            parts.add(text.substring(start, end));
            start = end + 1;
        }
        return parts;
    }

    /// Events of a whole text by the letter of WHATWG HTML, section 9.2.6, but for those without a line of data.
    private static List<String> plainEvents(String text) {
        var events = new ArrayList<String>();
        String fed = text.startsWith("\u00EF\u00BB\u00BF") ? text.substring(3) : text;
        StringBuilder data = null;
        for (String line : ended(fed)) {
            if (line.isEmpty()) {
                if (data != null) events.add(data.substring(0, data.length() - 1));
                data = null;
                continue;
            }
            int colon = line.indexOf(':');
            String field = colon < 0 ? line : line.substring(0, colon);
            String value = colon < 0 ? "" : line.substring(colon + 1);
            if (!field.equals("data")) continue;
            if (data == null) data = new StringBuilder();
            data.append(value.startsWith(" ") ? value.substring(1) : value).append('\n');
        }
        return events;
    }

    /// Lines that have an end: CR LF, LF or CR.
    private static List<String> ended(String text) {
        return plainLines(text.replace("\r\n", "\n").replace('\r', '\n'));
    }

    /// A stream that gives a byte or two at a time.
    private static final class Trickle extends ByteArrayInputStream {
        Trickle(byte[] bytes) {
            super(bytes);
        }

        @Override
        public synchronized int read(byte[] into, int from, int most) {
            return super.read(into, from, Math.min(most, 1 + pos % 2));
        }
    }

    private static void require(boolean holds, String what) {
        if (!holds) throw new AssertionError(what);
    }
}
