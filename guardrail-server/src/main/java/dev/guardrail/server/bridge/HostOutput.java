package dev.guardrail.server.bridge;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.locks.ReentrantLock;

/// The host's ear: one message a line, whole lines only. Inside a text the characters that a careless reader takes
/// for the end of a line (U+0085, U+2028, U+2029) are written as escapes.
final class HostOutput {
    private final OutputStream out;
    private final Runnable gone;
    private final ReentrantLock lock = new ReentrantLock();

    /// @param gone told when the host does not read any more
    HostOutput(OutputStream out, Runnable gone) {
        this.out = out;
        this.gone = gone;
    }

    void write(JsonObject message) {
        byte[] line = line(message);
        lock.lock();
        try {
            out.write(line);
            out.flush();
        } catch (IOException closed) {
            gone.run();
        } finally {
            lock.unlock();
        }
    }

    private static byte[] line(JsonObject message) {
        byte[] json = JsonWriter.bytes(message);
        var line = new ByteArrayOutputStream(json.length + 1);
        int from = 0;
        for (int at = 0; at < json.length; at++) {
            int length = separator(json, at);
            if (length == 0) continue;
            line.write(json, from, at - from);
            line.writeBytes(escape(json, at, length));
            from = at + length;
            at = from - 1;
        }
        line.write(json, from, json.length - from);
        line.write('\n');
        return line.toByteArray();
    }

    /// @return how many bytes of a separator beyond ASCII stand here; 0 where none does
    private static int separator(byte[] json, int at) {
        if (json[at] == (byte) 0xC2) return json[at + 1] == (byte) 0x85 ? 2 : 0;
        boolean three = json[at] == (byte) 0xE2 && json[at + 1] == (byte) 0x80;
        return three && (json[at + 2] == (byte) 0xA8 || json[at + 2] == (byte) 0xA9) ? 3 : 0;
    }

    private static byte[] escape(byte[] json, int at, int length) {
        String character = new String(json, at, length, StandardCharsets.UTF_8);
        return "\\u%04x".formatted((int) character.charAt(0)).getBytes(StandardCharsets.US_ASCII);
    }
}
