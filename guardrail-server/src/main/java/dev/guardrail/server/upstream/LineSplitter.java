package dev.guardrail.server.upstream;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/// Lines of a stream, split at 0x0A and nowhere else, with a cap on each. Not safe for concurrent use.
final class LineSplitter {
    private static final int CHUNK = 16 * 1024;

    private final InputStream in;
    private final int lineBytes;
    private final byte[] chunk = new byte[CHUNK];
    private int at;
    private int end;

    LineSplitter(InputStream in, int lineBytes) {
        this.in = in;
        this.lineBytes = lineBytes;
    }

    /// @return the next line without its end; null at the end of the stream. What stands after the last 0x0A is
    ///     no line
    /// @throws TooLong where a line has more bytes than allowed; no more than that was kept
    byte @Nullable [] next() throws IOException {
        var line = new ByteArrayOutputStream();
        while (true) {
            if (at == end && !fill()) return null;
            int stop = at;
            while (stop < end && chunk[stop] != '\n') stop++;
            if (stop - at > lineBytes - line.size()) throw new TooLong(lineBytes);
            line.write(chunk, at, stop - at);
            at = stop;
            if (stop < end) {
                at++;
                return line.toByteArray();
            }
        }
    }

    private boolean fill() throws IOException {
        at = 0;
        end = Math.max(0, in.read(chunk));
        return end > 0;
    }

    /// A line, an event or a body beyond its cap.
    static final class TooLong extends IOException {
        private static final long serialVersionUID = 1L;

        TooLong(long bytes) {
            super("answered with more than " + bytes + " bytes");
        }
    }
}
