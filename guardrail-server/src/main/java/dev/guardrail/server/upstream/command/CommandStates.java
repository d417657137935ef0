package dev.guardrail.server.upstream.command;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.Printable;
import dev.guardrail.base.Ticker;
import dev.guardrail.call.CallId;
import dev.guardrail.call.PathFacts;
import dev.guardrail.server.upstream.Endpoint;
import dev.guardrail.server.upstream.Program;
import dev.guardrail.undo.Compensator;
import dev.guardrail.undo.Hindrance;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// States that the guard knows nothing about, read and put back by a program of the operator's (docs/guide/undo.md).
/// It is started for each question. While it puts something back, it is not asked anything else.
public final class CommandStates implements Compensator {
    private static final Logger LOG = LoggerFactory.getLogger(CommandStates.class);

    /// Version of what is asked and answered.
    private static final String VERSION = "guardrail/v1";

    /// Longest answer in bytes: a state, and what stands around it.
    private static final int MOST = 1024 * 1024;

    /// For all of a look, waiting for a place included; within what a look before a call may take.
    private static final Duration LOOKING = Duration.ofSeconds(8);

    private static final Duration RESTORING = Duration.ofSeconds(20);

    /// How long putting back waits beyond what the looks before it may take: they have to be killed, too.
    private static final Duration MORE = Duration.ofSeconds(2);

    private static final int TOGETHER = 8;

    private final String server;
    private final Program program;
    private final JsonObject target;
    private final Ticker ticker;
    private final Duration patience;

    /// Looks take one of them, and putting back takes all. Who came first is served first: no look overtakes an undo.
    private final Semaphore places = new Semaphore(TOGETHER, true);

    /// @param server as hooks name it
    /// @param endpoint starts the program
    /// @param target JSON Schema of an object
    public CommandStates(String server, Endpoint.Stdio endpoint, JsonObject target, Ticker ticker) {
        this(server, endpoint, target, ticker, LOOKING);
    }

    /// @param patience for one look
    CommandStates(String server, Endpoint.Stdio endpoint, JsonObject target, Ticker ticker, Duration patience) {
        this.server = server;
        this.program = new Program(server, endpoint, MOST);
        this.target = target;
        this.ticker = ticker;
        this.patience = patience;
    }

    @Override
    public JsonObject target() {
        return target;
    }

    @Override
    public Look look(JsonObject about, PathFacts paths) throws IOException {
        return beside(question("look", about));
    }

    @Override
    public Look again(JsonObject about, JsonObject before, boolean left, PathFacts paths) throws IOException {
        return beside(question("look", about).with("before", before).with("left", left));
    }

    private static JsonObject.Builder question(String ask, JsonObject about) {
        return JsonObject.with("apiVersion", VERSION).with("ask", ask).with("target", about);
    }

    private Look beside(JsonObject.Builder question) throws IOException {
        long start = ticker.nanos();
        if (program.isCrowded() || !enter(1, patience))
            return new Look.Unfit(Hindrance.BUSY, "its program is busy with other questions");
        try {
            Optional<byte[]> said = said(question, patience.minusNanos(ticker.nanos() - start));
            return said.isEmpty() ? Reading.tooLarge() : read(said.get(), Reading::look);
        } finally {
            places.release();
        }
    }

    /// A crash in here ends the program or leaves it at work: only looking tells what it did.
    @Override
    public Restored restore(JsonObject about, JsonObject state, String expect, CallId by, PathFacts paths)
            throws IOException {
        if (program.isCrowded() || !enter(TOGETHER, patience.plus(MORE)))
            return new Restored.Refused("its program is busy with other questions");
        try {
            var question = question("restore", about)
                    .with("state", state)
                    .with("expect", expect)
                    .with("call", by.value());
            byte[] said = said(question, RESTORING).orElseThrow(() -> fault("answered with too much"));
            return read(said, Reading::restored);
        } finally {
            places.release(TOGETHER);
        }
    }

    private boolean enter(int wanted, Duration atMost) throws InterruptedIOException {
        try {
            return places.tryAcquire(wanted, atMost.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("the program was not waited for");
        }
    }

    /// The question stands on one line.
    private Optional<byte[]> said(JsonObject.Builder question, Duration atMost) throws IOException {
        return program.ask((question.build() + "\n").getBytes(java.nio.charset.StandardCharsets.UTF_8), atMost);
    }

    private <T> T read(byte[] said, Answer<T> answer) throws IOException {
        try {
            return answer.of(Reading.of(said));
        } catch (IOException none) {
            throw fault("gave no answer: " + Printable.text(String.valueOf(none.getMessage())));
        }
    }

    private IOException fault(String what) {
        LOG.warn("`{}`: its program {}", server, what);
        return new IOException("the program " + what);
    }

    /// What is being put back then is in doubt.
    @Override
    public void close() {
        program.close();
    }

    /// A form of answer.
    @FunctionalInterface
    private interface Answer<T> {
        T of(Reading said) throws IOException;
    }
}
