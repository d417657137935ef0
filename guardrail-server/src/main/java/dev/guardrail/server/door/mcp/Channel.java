package dev.guardrail.server.door.mcp;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/// What is said to a client on one stream, whichever response carries it. Once an event had a number, all that follow
/// have one, are kept for a while, and can be heard again by a client that comes back (MCP 2025-11-25,
/// basic/transports, "Resumability and Redelivery").
final class Channel {
    /// Events and bytes kept of one channel; the oldest go first.
    private static final int KEPT = 512;

    /// Messages left for whoever listens next.
    private static final int UNHEARD = 16;

    private static final int UNHEARD_BYTES = 64 * 1024;

    private static final long KEPT_BYTES = 1024 * 1024;

    private final String name;
    private boolean resumable;
    private final Deque<Kept> kept = new ArrayDeque<>();
    private final Deque<JsonObject> unheard = new ArrayDeque<>();
    private long keptBytes;
    private long last;
    private boolean numbering;
    private boolean ended;
    private @Nullable EventStream stream;

    /// @param name unguessable; the ids of its events begin with it
    /// @param resumable false where no event ever has an id
    Channel(String name, boolean resumable) {
        this.name = name;
        this.resumable = resumable;
    }

    private record Kept(long number, byte[] event) {}

    String name() {
        return name;
    }

    /// The channel and the number that an event's id names.
    record EventId(String channel, long number) {
        static @Nullable EventId parse(String id) {
            int dash = id.lastIndexOf('_');
            boolean digits = dash > 0
                    && id.length() - dash > 1
                    && id.length() - dash < 19
                    && id.substring(dash + 1).chars().allMatch(c -> c >= '0' && c <= '9');
            return digits ? new EventId(id.substring(0, dash), Long.parseLong(id.substring(dash + 1))) : null;
        }
    }

    /// Speaks on this stream from now on; one that spoke before ends.
    synchronized void attach(EventStream fresh) {
        var before = stream;
        stream = fresh;
        if (before != null) before.close();
        for (JsonObject left = unheard.poll(); left != null; left = unheard.poll()) say(left, false);
        if (ended) fresh.close();
    }

    /// Goes on after an event, on a new stream.
    synchronized void resume(EventStream fresh, long after) {
        for (Kept event : kept) if (event.number() > after) fresh.send(event.event());
        attach(fresh);
    }

    synchronized void detach(EventStream gone) {
        if (stream == gone) stream = null;
    }

    /// No event ever has an id: nobody comes back to this one.
    synchronized void forget() {
        resumable = false;
    }

    /// True where what is said now is heard, or will be by a client that comes back.
    synchronized boolean isHeard() {
        return stream != null || numbering;
    }

    /// True where a client that left may come back.
    synchronized boolean isNumbering() {
        return numbering;
    }

    /// Says something that may be lost where the client does not keep up, unless it has a number.
    synchronized void say(JsonObject message, boolean numbered) {
        if (numbered && resumable) numbering = true;
        if (!numbering && (stream == null || stream.isBehind())) return;
        send(data(JsonWriter.bytes(message)));
    }

    /// Leaves a message for whoever listens next, where nobody does now.
    ///
    /// @return false where too many lie here already, or it has ended
    synchronized boolean leave(JsonObject message) {
        if (ended || unheard.size() >= UNHEARD || JsonWriter.bytes(message).length > UNHEARD_BYTES) return false;
        if (isHeard()) say(message, false);
        else unheard.add(message);
        return true;
    }

    /// An event that has a number and no message.
    synchronized void prime() {
        if (!resumable) return;
        numbering = true;
        send("data: \n".getBytes(StandardCharsets.UTF_8));
    }

    synchronized void retry(long millis) {
        if (stream != null && resumable) stream.send(("retry: " + millis + "\n\n").getBytes(StandardCharsets.UTF_8));
    }

    /// Ends the stream for now, where the client knows how to come back.
    synchronized void pause() {
        var speaking = stream;
        if (!numbering || speaking == null) return;
        stream = null;
        speaking.close();
    }

    /// Says the last thing, and ends.
    synchronized void end(@Nullable JsonObject message) {
        if (ended) return;
        if (message != null) send(data(JsonWriter.bytes(message)));
        ended = true;
        var speaking = stream;
        stream = null;
        if (speaking != null) speaking.close();
    }

    private void send(byte[] data) {
        byte[] event = data;
        if (numbering) {
            event = join(("id: " + name + "_" + ++last + "\n").getBytes(StandardCharsets.UTF_8), data);
            keep(new Kept(last, join(event, NEWLINE)));
        }
        if (stream != null) stream.send(join(event, NEWLINE));
    }

    private static final byte[] NEWLINE = {'\n'};

    private void keep(Kept event) {
        kept.add(event);
        keptBytes += event.event().length;
        while (kept.size() > KEPT || keptBytes > KEPT_BYTES && kept.size() > 1)
            keptBytes -= kept.remove().event().length;
    }

    private static byte[] data(byte[] json) {
        return join(join("event: message\ndata: ".getBytes(StandardCharsets.UTF_8), json), NEWLINE);
    }

    private static byte[] join(byte[] head, byte[] tail) {
        byte[] whole = java.util.Arrays.copyOf(head, head.length + tail.length);
        System.arraycopy(tail, 0, whole, head.length, tail.length);
        return whole;
    }
}
