package dev.guardrail.server.runner;

import dev.guardrail.base.Printable;
import dev.guardrail.base.ProblemType;
import dev.guardrail.pipeline.Outcome;
import dev.guardrail.sandbox.Profile;
import dev.guardrail.sandbox.Residue;
import dev.guardrail.sandbox.Sandbox;
import dev.guardrail.sandbox.Sandbox.Handle;
import dev.guardrail.sandbox.Sandbox.Prepared;
import dev.guardrail.sandbox.Sandbox.Refusal;
import dev.guardrail.sandbox.Streams;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One command of a workspace, from its sandbox being made until that is taken away.
final class ConfinedCommand {
    private static final Logger LOG = LoggerFactory.getLogger(ConfinedCommand.class);

    /// Bytes of each of its outputs that an agent is told.
    static final int KEPT = 128 * 1024;

    private final Sandbox sandbox;
    private final Profile profile;
    private final Path root;
    private final String text;
    private @Nullable Handle handle;
    private @Nullable String stopped;

    ConfinedCommand(Sandbox sandbox, Profile profile, Path root, String text) {
        this.sandbox = sandbox;
        this.profile = profile;
        this.root = root;
        this.text = text;
    }

    /// Ends it, or keeps it from starting.
    ///
    /// @param why one lower-case clause
    void stop(String why) {
        Handle live;
        synchronized (this) {
            if (stopped == null) stopped = why;
            live = handle;
        }
        if (live != null) sandbox.kill(live);
    }

    private synchronized Optional<String> stopped() {
        return Optional.ofNullable(stopped);
    }

    private synchronized boolean begins(Handle ready) {
        handle = ready;
        return stopped == null;
    }

    /// A crash on the way leaves a call in doubt, and notes of the sandbox by which the next start takes it away.
    Outcome run() {
        try {
            return switch (sandbox.prepare(profile, root)) {
                case Prepared.Refused(Refusal refusal) ->
                    new Outcome.NotRun(ProblemType.SANDBOX_UNAVAILABLE, refusal.sentence());
                case Prepared.Ready(Handle ready) -> within(ready);
            };
        } catch (IOException | RuntimeException broken) {
            LOG.error("a sandbox could not be made: {}", Printable.trace(broken));
            return new Outcome.NotRun(
                    ProblemType.SANDBOX_UNAVAILABLE, "its sandbox could not be made; the guard's log says why");
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
            return new Outcome.NotRun(ProblemType.SANDBOX_UNAVAILABLE, "the guard is stopping; the call did not run");
        }
    }

    private Outcome within(Handle ready) {
        var output = new Kept(KEPT);
        var errors = new Kept(KEPT);
        try {
            if (!begins(ready))
                return new Outcome.NotRun(
                        ProblemType.UPSTREAM_FAILED, "nobody waited for the command any more; it did not run");
            var streams = new Streams(InputStream.nullInputStream(), output, errors);
            var outcome = sandbox.spawn(ready, List.of("/bin/sh", "-c", text), streams);
            var report = new CommandReport(profile, outcome, stopped(), residue(ready), root, output, errors);
            return new Outcome.Answered(report.json(), report.isOk());
        } catch (IOException | RuntimeException broken) {
            LOG.error("a sandbox failed: {} {}", Printable.trace(broken), Printable.text(errors.text()));
            return new Outcome.Lost(
                    ProblemType.SANDBOX_UNAVAILABLE, "its sandbox failed; how far the command came is not known");
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
            return new Outcome.Lost(
                    ProblemType.INTERNAL, "the guard is stopping; how far the command came is not known");
        } finally {
            cleanup(ready);
        }
    }

    private Residue residue(Handle ready) {
        try {
            return sandbox.residue(ready);
        } catch (IOException unreadable) {
            LOG.warn("what a command left could not be looked at: {}", Printable.trace(unreadable));
            return new Residue(List.of(), false);
        }
    }

    private void cleanup(Handle ready) {
        try {
            sandbox.cleanup(ready.id());
        } catch (IOException left) {
            LOG.error("a sandbox is not taken away before the next start: {}", Printable.trace(left));
        }
    }
}
