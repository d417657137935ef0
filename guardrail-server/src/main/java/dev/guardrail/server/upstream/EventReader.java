package dev.guardrail.server.upstream;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// Server-sent events of a stream (WHATWG HTML, section 9.2), with a cap on each event and on the whole. It keeps
/// the last id and the wished pause for whoever resumes. Not safe for concurrent use.
public final class EventReader {
    private static final int END = -1;
    private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

    private final InputStream in;
    private final int eventBytes;
    private long left;
    private boolean afterReturn;
    private boolean begun;
    private String lastId = "";
    private long retryMillis;
    private boolean numbered;
    private boolean wishes;

    /// @param streamBytes cap on the whole stream
    public EventReader(InputStream in, int eventBytes, long streamBytes) {
        this.in = new BufferedInputStream(in);
        this.eventBytes = eventBytes;
        this.left = streamBytes;
    }

    /// @return data of the next event that has some; null at the end of the stream
    /// @throws LineSplitter.TooLong beyond a cap; no more than that was kept
    public byte @Nullable [] next() throws IOException {
        var data = new ByteArrayOutputStream();
        boolean any = false;
        numbered = false;
        var line = new ByteArrayOutputStream();
        while (true) {
            boolean ended = !readLine(line, eventBytes - data.size());
            if (ended) return null;
            if (line.size() == 0) {
                begun = true;
                if (any) return data.toByteArray();
                continue;
            }
            if (take(unmarked(line.toByteArray()), data, any)) any = true;
        }
    }

    /// True where the event read last had an id of its own.
    boolean isNumbered() {
        return numbered;
    }

    /// A pause that the server wished since this was last asked, in milliseconds.
    OptionalLong newRetry() {
        if (!wishes) return OptionalLong.empty();
        wishes = false;
        return OptionalLong.of(retryMillis);
    }

    /// Id of the last event that had one; empty before.
    public String lastId() {
        return lastId;
    }

    /// Pause that the server wishes before a resumption, in milliseconds; 0 where it wished none.
    public long retryMillis() {
        return retryMillis;
    }

    /// @return the line without the mark that the first one of a stream may begin with
    private byte[] unmarked(byte[] line) {
        boolean marked = !begun && Arrays.mismatch(line, BYTE_ORDER_MARK) == BYTE_ORDER_MARK.length;
        begun = true;
        return marked ? Arrays.copyOfRange(line, BYTE_ORDER_MARK.length, line.length) : line;
    }

    /// @return true where the line was one of data
    private boolean take(byte[] line, ByteArrayOutputStream data, boolean any) {
        int colon = 0;
        while (colon < line.length && line[colon] != ':') colon++;
        int from = colon + 1 < line.length && line[colon + 1] == ' ' ? colon + 2 : Math.min(colon + 1, line.length);
        switch (new String(line, 0, colon, UTF_8)) {
            case "data" -> {
                if (any) data.write('\n');
                data.write(line, from, line.length - from);
                return true;
            }
            case "id" -> {
                String id = new String(line, from, line.length - from, UTF_8);
                if (id.length() <= 1024 && id.chars().allMatch(c -> c >= ' ' && c < 0x7F)) {
                    lastId = id;
                    numbered = !id.isEmpty();
                }
            }
            case "retry" -> {
                retryMillis = millis(new String(line, from, line.length - from, UTF_8));
                wishes = true;
            }
            default -> {
                return false;
            }
        }
        return false;
    }

    private long millis(String text) {
        boolean digits = !text.isEmpty() && text.length() <= 9 && text.chars().allMatch(c -> c >= '0' && c <= '9');
        return digits ? Long.parseLong(text) : retryMillis;
    }

    /// Reads a line that ends with CR, LF or both.
    ///
    /// @return false at the end of the stream
    private boolean readLine(ByteArrayOutputStream line, int room) throws IOException {
        line.reset();
        while (true) {
            int next = in.read();
            if (next == END) return false;
            if (--left < 0) throw new LineSplitter.TooLong(eventBytes);
            if (next == '\n' && afterReturn) {
                afterReturn = false;
                continue;
            }
            afterReturn = next == '\r';
            if (next == '\n' || next == '\r') return true;
            if (line.size() > room) throw new LineSplitter.TooLong(eventBytes);
            line.write(next);
        }
    }
}
