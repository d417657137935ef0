package dev.guardrail.server.upstream;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.guardrail.base.Printable;
import dev.guardrail.sandbox.Spawner;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A program of the operator's that is started for each question anew: it reads the question from its standard input,
/// writes the answer to its standard output and ends with 0. It is started without a shell, as servers over stdio are,
/// and what is found of it and of what it started is killed when the question is over.
public final class Program implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Program.class);

    /// Beginning of standard error that is kept, in bytes.
    private static final int COMPLAINT = 8 * 1024;

    private static final int LOGGED_LINES = 20;
    private static final int LOGGED_CHARACTERS = 500;
    private static final int STACK_BYTES = 256 * 1024;

    /// How long the output of a program that has ended may stay open.
    private static final Duration REST = Duration.ofSeconds(1);

    /// Every question has a mark of its own.
    private static final AtomicLong QUESTIONS = new AtomicLong();

    /// Threads that may go on reading or writing for questions that are over, as something that was not found holds the
    /// other end. More than what eight questions leave for a moment.
    private static final int LEFT = 32;

    private final String server;
    private final Endpoint.Stdio endpoint;
    private final int most;

    /// By the marks of their questions.
    private final Map<String, Process> running = new ConcurrentHashMap<>();

    private final AtomicInteger left = new AtomicInteger();
    private volatile boolean closed;

    /// @param server that it is, as logs name it
    /// @param most longest answer, in bytes
    public Program(String server, Endpoint.Stdio endpoint, int most) {
        this.server = server;
        this.endpoint = endpoint;
        this.most = most;
    }

    /// Whether what earlier questions left behind holds so many threads that it is better asked nothing.
    public boolean isCrowded() {
        return left.get() >= LEFT;
    }

    /// Kills what is at work, and lets nothing go on that starts later.
    @Override
    public void close() {
        closed = true;
        running.forEach((mark, process) -> {
            ProcessTree.kill(process);
            Marked.kill(mark);
        });
    }

    /// @param patience longest time until it has ended
    /// @return its answer; empty where that is too long
    /// @throws IOException where there is none: it could not be started, took too long, or ended with another code.
    ///     What it did until then nobody knows
    public Optional<byte[]> ask(byte[] question, Duration patience) throws IOException {
        String mark = ProcessHandle.current().pid() + "-" + QUESTIONS.incrementAndGet();
        ProcessBuilder builder = StdioWire.builder(endpoint);
        builder.environment().put(Marked.NAME, mark);
        try {
            Process process = Spawner.only().start(builder::start, patience);
            running.put(mark, process);
            return answer(process, question, patience);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("the program was not waited for");
        } finally {
            Marked.kill(mark);
            running.remove(mark);
        }
    }

    private Optional<byte[]> answer(Process process, byte[] question, Duration patience)
            throws IOException, InterruptedException {
        try {
            if (closed) throw new IOException("the guard is stopping");
            return ended(process, question, patience);
        } finally {
            // Where there is no mark to find it by.
            ProcessTree.kill(process);
        }
    }

    private Optional<byte[]> ended(Process process, byte[] question, Duration patience)
            throws IOException, InterruptedException {
        var said = thread("out", () -> said(process));
        var complained = thread("log", () -> complaint(process.getErrorStream()));
        var asked = thread("in", () -> asked(process, question));
        boolean ended = false;
        try {
            ended = process.waitFor(patience.toNanos(), TimeUnit.NANOSECONDS);
            if (!ended) ProcessTree.kill(process);
            log(ended && process.exitValue() == 0, complained.get(REST.toNanos(), TimeUnit.NANOSECONDS));
            if (!ended) throw late(patience);
            Optional<byte[]> answer = said.get(REST.toNanos(), TimeUnit.NANOSECONDS);
            // What said too much was killed for it.
            if (answer.isPresent() && process.exitValue() != 0) throw fault("ended with " + process.exitValue());
            LOG.debug("`{}`: its program has read all of the question: {}", server, asked.getNow(false));
            return answer;
        } catch (TimeoutException open) {
            throw ended ? fault("has ended, and something that it started held its output") : late(patience);
        } catch (ExecutionException broken) {
            throw new IOException("what the program said could not be read", broken.getCause());
        } finally {
            for (var end : List.of(said, complained, asked)) {
                left.incrementAndGet();
                end.whenComplete((result, fault) -> left.decrementAndGet());
            }
        }
    }

    private IOException late(Duration patience) {
        return fault("took longer than " + patience.toMillis() + " ms, and was killed");
    }

    private IOException fault(String what) {
        LOG.warn("`{}`: its program {}", server, what);
        return new IOException("the program " + what);
    }

    /// Reading a pipe would hold a carrier thread of the virtual ones.
    private <T> CompletableFuture<T> thread(String end, Callable<T> work) {
        var done = new CompletableFuture<T>();
        Thread.ofPlatform()
                .daemon()
                .stackSize(STACK_BYTES)
                .name("guardrail-" + server + "-" + end)
                .start(() -> {
                    try {
                        done.complete(work.call());
                    } catch (Exception | StackOverflowError | OutOfMemoryError fault) {
                        done.completeExceptionally(fault);
                    }
                });
        return done;
    }

    /// @return empty where it is too long; then the program is killed
    private Optional<byte[]> said(Process process) throws IOException {
        try (InputStream in = process.getInputStream()) {
            byte[] read = in.readNBytes(most + 1);
            if (read.length <= most) return Optional.of(read);
            ProcessTree.kill(process);
            return Optional.empty();
        }
    }

    /// Reads it all, and keeps its beginning.
    private static String complaint(InputStream stream) throws IOException {
        try (stream) {
            var kept = new ByteArrayOutputStream();
            byte[] part = new byte[4096];
            for (int read = stream.read(part); read >= 0; read = stream.read(part))
                kept.write(part, 0, Math.min(read, COMPLAINT - kept.size()));
            return kept.toString(UTF_8);
        }
    }

    /// @return false where it ended or closed its input before it had read all: how it ends says what became of it
    private static boolean asked(Process process, byte[] question) {
        try (var out = process.getOutputStream()) {
            out.write(question);
            return true;
        } catch (IOException unread) {
            return false;
        }
    }

    /// What a program complains of is for whoever sees to it where it fails, and otherwise for whoever debugs.
    private void log(boolean well, String complaint) {
        complaint.lines().filter(line -> !line.isBlank()).limit(LOGGED_LINES).forEach(line -> {
            String shown = Printable.text(line, LOGGED_CHARACTERS);
            if (well) LOG.debug("`{}` says: {}", server, shown);
            else LOG.warn("`{}` says: {}", server, shown);
        });
    }
}
