package dev.guardrail.server.runner;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.guardrail.base.ProblemType;
import dev.guardrail.call.Confinement;
import dev.guardrail.call.DecisionRequest;
import dev.guardrail.pipeline.Attendance;
import dev.guardrail.pipeline.Confiner;
import dev.guardrail.pipeline.Outcome;
import dev.guardrail.policy.Cause;
import dev.guardrail.sandbox.Profile;
import dev.guardrail.sandbox.Sandbox;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;

/// Commands in a workspace, each in a sandbox of its own, under the profile that its rules name. None runs without one.
public final class Shell implements Confiner {
    static final String TOOL = "shell_exec";

    /// Bytes of a command line: what Linux takes as one argument, less what others need.
    private static final int LONGEST = 100_000;

    /// Commands at once. Each may use all that its profile says.
    private static final int MOST = 16;

    /// How long the end of a command is awaited that was told to end: all of it is killed then.
    private static final Duration DRAIN = Duration.ofSeconds(20);

    private final Path root;
    private final Sandbox sandbox;
    private final Function<Confinement, Optional<Profile>> profiles;
    private final Predicate<Path> exposes;
    private final Set<ConfinedCommand> running = ConcurrentHashMap.newKeySet();

    /// @param root the workspace
    /// @param profiles those in force, each as it was decided on
    /// @param exposes whether a file or directory is, or holds, one of the guard's own
    public Shell(
            Path root, Sandbox sandbox, Function<Confinement, Optional<Profile>> profiles, Predicate<Path> exposes) {
        this.root = root;
        this.sandbox = sandbox;
        this.profiles = profiles;
        this.exposes = exposes;
    }

    @Override
    public Optional<Objection> objection(DecisionRequest request) {
        Optional<Confinement> under = request.resource().confinement();
        if (!request.action().tool().name().equals(TOOL)) return Confiner.NONE.objection(request);
        if (under.isEmpty())
            return Optional.of(new Objection(
                    Cause.POLICY,
                    "A command runs in a sandbox or not at all, and no rule that permits this one names a `sandbox`."));
        Optional<Profile> profile = profiles.apply(under.get());
        return profile.isEmpty()
                ? unavailable("the sandbox profile `" + under.get().profile() + "` has changed just now")
                : objection(profile.get());
    }

    private Optional<Objection> objection(Profile profile) {
        Optional<String> exposed = Stream.concat(
                        profile.files().read().stream(),
                        profile.files().write().stream().map(Profile.Write::path))
                .filter(path -> exposes.test(path.equals(Profile.WORKSPACE) ? root : Path.of(path)))
                .findFirst();
        if (exposed.isPresent())
            return unavailable("`" + exposed.get() + "` of the sandbox profile `" + profile.name()
                    + "` holds files of the guard; let the profile name less");
        try {
            return sandbox.objection(profile, root).flatMap(refusal -> unavailable(refusal.sentence()));
        } catch (IOException broken) {
            return unavailable("the sandbox cannot be looked after; the guard's log says more");
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
            return unavailable("the guard is stopping");
        }
    }

    private static Optional<Objection> unavailable(String clause) {
        return Optional.of(new Objection(
                Cause.SANDBOX_UNAVAILABLE, Character.toUpperCase(clause.charAt(0)) + clause.substring(1) + "."));
    }

    /// Runs the command that a call is about, to its end or until nobody waits for it.
    Outcome run(DecisionRequest request, Attendance attendance) {
        Optional<Objection> objection = objection(request);
        if (objection.isPresent()) return notRun(objection.get().message());
        Optional<Profile> profile = request.resource().confinement().flatMap(profiles);
        Optional<String> text = request.action().arguments().text("command");
        if (profile.isEmpty() || text.isEmpty()) return notRun("its profile or its command is gone");
        if (text.get().indexOf('\0') >= 0 || text.get().getBytes(UTF_8).length > LONGEST)
            return new Outcome.NotRun(
                    ProblemType.MALFORMED_CALL,
                    "a command line is at most " + LONGEST + " bytes, none of them zero; the call did not run");
        var command = new ConfinedCommand(sandbox, profile.get(), root, text.get());
        running.add(command);
        try {
            if (running.size() > MOST)
                return new Outcome.NotRun(
                        ProblemType.OVERLOADED, "too many commands run here already; the call did not run");
            return awaited(command, attendance);
        } finally {
            running.remove(command);
        }
    }

    private static Outcome notRun(String why) {
        return new Outcome.NotRun(ProblemType.SANDBOX_UNAVAILABLE, why);
    }

    private static Outcome awaited(ConfinedCommand command, Attendance attendance) {
        var outcome = new CompletableFuture<Outcome>();
        Thread.ofVirtual().name("guardrail-shell").start(() -> outcome.complete(command.run()));
        try {
            Optional<String> stopped = ended(outcome, attendance);
            stopped.ifPresent(command::stop);
            return outcome.get(DRAIN.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException late) {
            return new Outcome.Lost(ProblemType.UPSTREAM_TIMEOUT, "the command was told to end, and does not");
        } catch (ExecutionException impossible) {
            return new Outcome.Lost(ProblemType.INTERNAL, "the sandbox failed; how far the command came is not known");
        } catch (InterruptedException stopping) {
            command.stop("the guard is stopping");
            Thread.currentThread().interrupt();
            return new Outcome.Lost(
                    ProblemType.INTERNAL, "the guard is stopping; how far the command came is not known");
        }
    }

    /// Waits for the end.
    ///
    /// @return why nobody waits longer; empty where it has ended
    private static Optional<String> ended(CompletableFuture<Outcome> outcome, Attendance attendance)
            throws InterruptedException, ExecutionException {
        try {
            CompletableFuture.anyOf(outcome, attendance.left())
                    .get(attendance.timeout().toNanos(), TimeUnit.NANOSECONDS);
            return outcome.isDone() ? Optional.empty() : Optional.of("nobody waits for it any more");
        } catch (TimeoutException late) {
            return Optional.of("it ran longer than a call may take");
        }
    }

    /// Ends what runs.
    void close() {
        running.forEach(command -> command.stop("the guard is stopping"));
    }
}
