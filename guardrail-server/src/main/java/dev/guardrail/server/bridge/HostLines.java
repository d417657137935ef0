package dev.guardrail.server.bridge;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;

/// Lines of the host, split at 0x0A and nowhere else: not at CR, U+0085 or U+2028. Memory is bounded by the cap; what
/// a line has beyond it is read and forgotten. Not safe for concurrent use.
final class HostLines {
    private static final int CHUNK = 16 * 1024;

    private final InputStream in;
    private final int lineBytes;
    private final byte[] chunk = new byte[CHUNK];
    private int at;
    private int end;

    /// @param lineBytes longest line, without its end
    HostLines(InputStream in, int lineBytes) {
        this.in = in;
        this.lineBytes = lineBytes;
    }

    /// What was read.
    sealed interface Line {
        /// A line without its end.
        record Whole(byte[] bytes) implements Line {}

        record TooLong() implements Line {}

        /// Nothing more comes. What stood after the last 0x0A was no line: its writer may have died in it.
        record None() implements Line {}
    }

    Line next() throws IOException {
        var line = new ByteArrayOutputStream();
        boolean tooLong = false;
        while (true) {
            if (at == end && !fill()) return new Line.None();
            int stop = at;
            while (stop < end && chunk[stop] != '\n') stop++;
            tooLong |= stop - at > lineBytes - line.size();
            if (tooLong) line = new ByteArrayOutputStream();
            else line.write(chunk, at, stop - at);
            at = stop;
            if (stop < end) {
                at++;
                return tooLong ? new Line.TooLong() : new Line.Whole(line.toByteArray());
            }
        }
    }

    private boolean fill() throws IOException {
        at = 0;
        end = Math.max(0, in.read(chunk));
        return end > 0;
    }
}
