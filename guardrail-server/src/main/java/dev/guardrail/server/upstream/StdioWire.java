package dev.guardrail.server.upstream;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.guardrail.base.Printable;
import dev.guardrail.sandbox.Spawner;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// MCP over the standard streams of a process: one message a line, split at 0x0A only. Three platform threads
/// serve it, because reading a pipe would hold a carrier thread of the virtual ones.
final class StdioWire implements Wire {
    private static final Logger LOG = LoggerFactory.getLogger(StdioWire.class);

    /// What programs need to be found and to speak; nothing of ours that may be secret.
    private static final List<String> HANDED_DOWN = List.of(
            "PATH",
            "HOME",
            "USER",
            "LOGNAME",
            "SHELL",
            "TERM",
            "LANG",
            "LC_ALL",
            "LC_CTYPE",
            "TZ",
            "TMPDIR",
            "XDG_CACHE_HOME",
            "SystemRoot",
            "APPDATA",
            "LOCALAPPDATA",
            "USERPROFILE",
            "TEMP",
            "PATHEXT");

    private static final int WAITING = 1024;
    private static final int STACK_BYTES = 256 * 1024;
    private static final int LOGGED_LINES = 200;
    private static final int LOGGED_CHARACTERS = 500;

    private final String server;
    private final Process process;
    private final Inbox inbox;
    private final int messageBytes;
    private final LinkedBlockingQueue<Outgoing> outgoing = new LinkedBlockingQueue<>(WAITING);
    private final AtomicBoolean ended = new AtomicBoolean();
    private final AtomicReference<@Nullable Thread> closer = new AtomicReference<>();

    private StdioWire(String server, Process process, Inbox inbox, int messageBytes) {
        this.server = server;
        this.process = process;
        this.inbox = inbox;
        this.messageBytes = messageBytes;
    }

    /// Starts the process.
    ///
    /// @throws IOException where it cannot be started
    static StdioWire open(String server, Endpoint.Stdio endpoint, int messageBytes, Inbox inbox)
            throws IOException, InterruptedException {
        return new StdioWire(server, Spawner.only().start(builder(endpoint)), inbox, messageBytes);
    }

    /// The command without a shell, with little of our environment and all of its own.
    static ProcessBuilder builder(Endpoint.Stdio endpoint) {
        var builder = new ProcessBuilder(endpoint.command());
        builder.environment().keySet().retainAll(HANDED_DOWN);
        builder.environment().putAll(endpoint.environment());
        endpoint.directory().ifPresent(directory -> builder.directory(directory.toFile()));
        return builder;
    }

    @Override
    public void start() {
        thread("in", this::read);
        thread("out", this::write);
        thread("log", this::log);
    }

    private void thread(String end, Runnable work) {
        Thread.ofPlatform()
                .daemon()
                .stackSize(STACK_BYTES)
                .name("guardrail-" + server + "-" + end)
                .start(work);
    }

    @Override
    public void send(Parcel parcel) {
        var waiting = new Outgoing(parcel);
        boolean queued = !ended.get() && outgoing.offer(waiting);
        // One that was queued while the wire ended may have been missed by the clearing.
        if ((!queued || ended.get()) && waiting.claim())
            unsent(parcel, isOpen() ? "does not read what it is sent" : "has ended");
    }

    @Override
    public boolean withdraw(String id) {
        return outgoing.stream().anyMatch(waiting -> id.equals(waiting.parcel.id()) && waiting.claim());
    }

    /// Nothing is held for an answer that may come on the common stream.
    @Override
    public void abandon(String id) {}

    /// Lines keep their order.
    @Override
    public void settle(Duration atMost) {}

    @Override
    public void agreed(String protocolVersion) {}

    @Override
    public void listen() {}

    @Override
    public void deafen() {}

    @Override
    public boolean closesToCancel() {
        return false;
    }

    @Override
    public boolean isOpen() {
        return !ended.get() && process.isAlive();
    }

    private void write() {
        try (var out = process.getOutputStream()) {
            while (!ended.get()) {
                var next = outgoing.take();
                if (next == Outgoing.LAST) return;
                if (!next.claim()) continue;
                try {
                    out.write(line(next.parcel.json()));
                    out.flush();
                } catch (IOException gone) {
                    unsent(next.parcel, "no longer reads");
                    return;
                }
            }
        } catch (IOException gone) {
            LOG.debug("server `{}`: its input was closed before", server);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        } finally {
            end("no longer reads");
        }
    }

    /// One write for message and end, so that a failed one leaves no whole line.
    private static byte[] line(byte[] json) {
        byte[] line = java.util.Arrays.copyOf(json, json.length + 1);
        line[json.length] = '\n';
        return line;
    }

    private void read() {
        String how = "ended its output";
        try (var in = process.getInputStream()) {
            var lines = new LineSplitter(in, messageBytes);
            for (byte[] line = lines.next(); line != null; line = lines.next()) {
                if (line.length > 0) inbox.message(line, Inbox.Origin.COMMON);
            }
        } catch (IOException broken) {
            how = broken instanceof LineSplitter.TooLong ? String.valueOf(broken.getMessage()) : "broke its output";
        } catch (RuntimeException | StackOverflowError | OutOfMemoryError fault) {
            LOG.error("server `{}`: reading it failed: {}", server, Printable.trace(fault));
            how = "sent what could not be read";
        } finally {
            end(how);
        }
    }

    private void end(String how) {
        if (!ended.compareAndSet(false, true)) return;
        for (var waiting = outgoing.poll(); waiting != null; waiting = outgoing.poll()) {
            if (waiting != Outgoing.LAST && waiting.claim()) unsent(waiting.parcel, how);
        }
        inbox.closed(how);
        close();
    }

    private void unsent(Parcel parcel, String how) {
        if (parcel.id() != null) inbox.failed(parcel.id(), Fault.UNSENT, how);
    }

    /// Keeps the error stream flowing. Its first lines are logged for whoever debugs, and only there: a server
    /// may print arguments.
    private void log() {
        try (InputStream in = process.getErrorStream()) {
            byte[] chunk = new byte[4096];
            int lines = 0;
            for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
                if (!LOG.isDebugEnabled() || lines >= LOGGED_LINES) continue;
                for (String line : new String(chunk, 0, read, UTF_8).split("\n", -1)) {
                    if (!line.isBlank() && lines++ < LOGGED_LINES)
                        LOG.debug("server `{}` says: {}", server, Printable.text(line, LOGGED_CHARACTERS));
                }
            }
        } catch (IOException gone) {
            LOG.debug("server `{}`: its error stream broke", server);
        }
    }

    @Override
    public void close() {
        var thread = Thread.ofPlatform()
                .daemon()
                .name("guardrail-" + server + "-end")
                .unstarted(this::finish);
        if (closer.compareAndSet(null, thread)) thread.start();
    }

    @Override
    public void awaitClosed() throws InterruptedException {
        var thread = closer.get();
        if (thread != null) thread.join();
    }

    private void finish() {
        end("was closed");
        // Ends the writer, whose last act is to close the process's input: the polite way to ask it to end.
        outgoing.offer(Outgoing.LAST);
        boolean clean = ProcessTree.end(process);
        LOG.debug("server `{}`: its process ended{}", server, clean ? "" : " by force");
    }

    /// A parcel that waits to be written, and who has claimed it: the writer, or one who withdraws it.
    private static final class Outgoing {
        private static final Outgoing LAST = new Outgoing(new Parcel(null, new byte[0]));

        private final Parcel parcel;
        private final AtomicBoolean claimed = new AtomicBoolean();

        private Outgoing(Parcel parcel) {
            this.parcel = parcel;
        }

        private boolean claim() {
            return claimed.compareAndSet(false, true);
        }
    }
}
