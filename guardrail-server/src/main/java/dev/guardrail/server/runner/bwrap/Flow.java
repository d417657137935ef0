package dev.guardrail.server.runner.bwrap;

import dev.guardrail.sandbox.Streams;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/// What flows into and out of a command, by platform threads, because reading a pipe would hold a carrier thread of
/// the virtual ones. Output beyond its limit is not taken.
final class Flow {
    private static final int BUFFER = 16_384;

    private final Process process;
    private final Runnable end;
    private final AtomicLong left;
    private final AtomicBoolean cut = new AtomicBoolean();
    private final List<Thread> outputs;

    /// @param most bytes of both outputs together
    /// @param end ends the command, when it has written more
    static Flow start(Process process, Streams streams, long most, Runnable end) {
        return new Flow(process, streams, most, end);
    }

    private Flow(Process process, Streams streams, long most, Runnable end) {
        this.process = process;
        this.end = end;
        this.left = new AtomicLong(most);
        thread("input", () -> feed(streams.input()));
        this.outputs = List.of(
                thread("output", () -> drain(process.getInputStream(), streams.output())),
                thread("errors", () -> drain(process.getErrorStream(), streams.errors())));
    }

    private Thread thread(String name, Runnable work) {
        return Thread.ofPlatform()
                .daemon()
                .name("sandbox-" + process.pid() + '-' + name)
                .start(work);
    }

    /// True where more was written than is taken.
    boolean isCut() {
        return cut.get();
    }

    /// Waits for the outputs to end, as they do when all processes have.
    void awaitEnd() throws InterruptedException {
        for (Thread output : outputs) output.join();
    }

    private void feed(InputStream from) {
        try (OutputStream to = process.getOutputStream()) {
            var buffer = new byte[BUFFER];
            for (int count = from.read(buffer); count >= 0; count = from.read(buffer)) {
                to.write(buffer, 0, count);
                to.flush();
            }
        } catch (IOException closed) {
            // Whoever wanted to write, or to read, does not any more: the command sees the end of its input.
            return;
        }
    }

    private void drain(InputStream from, OutputStream to) {
        try (from) {
            var buffer = new byte[BUFFER];
            for (int count = from.read(buffer); count >= 0; count = from.read(buffer)) {
                long before = left.getAndAdd(-count);
                if (before > 0) to.write(buffer, 0, (int) Math.min(count, before));
                to.flush();
                if (before < count) {
                    cut.set(true);
                    end.run();
                    return;
                }
            }
        } catch (IOException closed) {
            // Nobody reads what the command writes: it ends, as one whose pipe is broken would.
            end.run();
        }
    }
}
