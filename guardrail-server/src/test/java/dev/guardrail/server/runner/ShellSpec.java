package dev.guardrail.server.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.ProblemType;
import dev.guardrail.call.Confinement;
import dev.guardrail.call.DecisionRequest;
import dev.guardrail.pack.PackReader;
import dev.guardrail.pipeline.Attendance;
import dev.guardrail.pipeline.Confiner.Objection;
import dev.guardrail.pipeline.Outcome;
import dev.guardrail.policy.Cause;
import dev.guardrail.sandbox.Profile;
import dev.guardrail.sandbox.Residue;
import dev.guardrail.sandbox.Sandbox;
import dev.guardrail.sandbox.Sandbox.Refusal;
import dev.guardrail.sandbox.Streams;
import dev.guardrail.testing.Calls;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/// What runs commands of a workspace, on a sandbox that tells what it is asked.
class ShellSpec {
    private static final Profile STRICT = new PackReader()
            .read(List.of(Path.of("..", "policies", "sandbox")))
            .profiles()
            .get("strict");
    private static final Confinement UNDER = new Confinement("strict", STRICT.digest());
    private static final Path ROOT = Path.of("/workspace");
    private static final Attendance WAITING = Attendance.silent(Duration.ofMinutes(1));

    private final Told sandbox = new Told();

    /// A sandbox that runs nothing: it ends at once, or when it is killed.
    private static final class Told implements Sandbox {
        private final List<List<String>> commands = new ArrayList<>();
        private final CountDownLatch started = new CountDownLatch(1);
        private final CompletableFuture<dev.guardrail.sandbox.Outcome> end = new CompletableFuture<>();
        private final List<String> cleaned = new ArrayList<>();

        @Override
        public Probe probe() {
            return new Probe.Proven(EnumSet.allOf(dev.guardrail.sandbox.Property.class));
        }

        @Override
        public Optional<Refusal> objection(Profile profile, Path workspace) {
            return Optional.empty();
        }

        @Override
        public Prepared prepare(Profile profile, Path workspace) {
            return new Prepared.Ready(new Handle("box", profile, workspace));
        }

        @Override
        public dev.guardrail.sandbox.Outcome spawn(Handle handle, List<String> command, Streams streams)
                throws IOException {
            commands.add(command);
            streams.output().write("x".repeat(ConfinedCommand.KEPT + 7).getBytes(StandardCharsets.UTF_8));
            started.countDown();
            return end.join();
        }

        @Override
        public void kill(Handle handle) {
            end.complete(new dev.guardrail.sandbox.Outcome.Failed(137));
        }

        @Override
        public Residue residue(Handle handle) {
            return new Residue(List.of(), true);
        }

        @Override
        public void cleanup(String id) {
            cleaned.add(id);
        }
    }

    private static DecisionRequest asked(String command) {
        return Calls.request(
                        Calls.tool("workspace.shell_exec"),
                        Calls.CODER,
                        JsonObject.with("command", command).build())
                .under(UNDER);
    }

    private static Shell shell(Sandbox sandbox, Predicate<Path> exposes) {
        return new Shell(ROOT, sandbox, under -> Optional.of(STRICT).filter(p -> under.equals(UNDER)), exposes);
    }

    private Shell shell() {
        return shell(sandbox, place -> false);
    }

    private static String text(Outcome outcome) {
        var answered = assertInstanceOf(Outcome.Answered.class, outcome);
        return ((JsonObject) answered.result())
                .array("content")
                .orElseThrow()
                .objects()
                .getFirst()
                .text("text")
                .orElseThrow();
    }

    private static void unavailable(String words, Optional<Objection> objection) {
        assertEquals(Optional.of(Cause.SANDBOX_UNAVAILABLE), objection.map(Objection::cause));
        assertTrue(objection.get().message().contains(words), objection::toString);
    }

    @Test
    void what_cannot_be_confined_is_objected_to() {
        assertEquals(Optional.empty(), shell().objection(asked("true")));
        var none = new NoSandbox(new Refusal("`bwrap` is not there", "install the package `bubblewrap`"));
        unavailable("install the package", shell(none, place -> false).objection(asked("true")));
        unavailable("files of the guard", shell(sandbox, ROOT::equals).objection(asked("true")));
        var other =
                asked("true").under(new Confinement("strict", Calls.tool("a.b").digest()));
        unavailable("has changed", shell().objection(other));
        var bare = Calls.request(Calls.tool("workspace.shell_exec"), Calls.CODER, JsonObject.EMPTY);
        assertEquals(Optional.of(Cause.POLICY), shell().objection(bare).map(Objection::cause));
        var file = Calls.request(Calls.tool("workspace.fs_read"), Calls.CODER, JsonObject.EMPTY);
        assertEquals(Optional.empty(), shell().objection(file));
        unavailable("nothing here confines", shell().objection(file.under(UNDER)));
    }

    @Test
    void what_stands_against_it_when_it_runs_means_that_it_did_not_run() {
        var none = new NoSandbox(new Refusal("`bwrap` is not there", "install the package `bubblewrap`"));
        var gone = assertInstanceOf(
                Outcome.NotRun.class, shell(none, place -> false).run(asked("true"), WAITING));
        assertEquals(ProblemType.SANDBOX_UNAVAILABLE, gone.type());
        for (String odd : List.of("a\0b", "x".repeat(200_000))) {
            var refused = assertInstanceOf(Outcome.NotRun.class, shell().run(asked(odd), WAITING));
            assertEquals(ProblemType.MALFORMED_CALL, refused.type());
        }
        assertEquals(List.of(), sandbox.commands);
    }

    @Test
    void the_command_line_is_one_argument_and_its_output_is_bounded() {
        sandbox.end.complete(new dev.guardrail.sandbox.Outcome.Succeeded());

        Outcome outcome = shell().run(asked("echo $(id) 'x' > y"), WAITING);

        assertEquals(List.of(List.of("/bin/sh", "-c", "echo $(id) 'x' > y")), sandbox.commands);
        assertTrue(text(outcome).contains("\n… 7 bytes are left out here …\n"), text(outcome));
        assertEquals(List.of("box"), sandbox.cleaned);
    }

    @Test
    void a_command_ends_when_nobody_waits_for_it_any_more() throws InterruptedException {
        var left = new CompletableFuture<String>();
        var outcome = new CompletableFuture<Outcome>();
        Thread.ofVirtual()
                .start(() -> outcome.complete(shell().run(
                                asked("sleep 600"), new Attendance(Optional.empty(), Duration.ofMinutes(5), left))));
        sandbox.started.await();

        left.complete("gone");

        assertTrue(text(outcome.join()).startsWith("The command was ended: nobody waits"), outcome::toString);
        assertEquals(List.of("box"), sandbox.cleaned);
    }

    @Test
    void closing_ends_what_runs() throws InterruptedException {
        Shell shell = shell();
        var outcome = new CompletableFuture<Outcome>();
        Thread.ofVirtual().start(() -> outcome.complete(shell.run(asked("sleep 600"), WAITING)));
        sandbox.started.await();

        shell.close();

        assertTrue(text(outcome.join()).startsWith("The command was ended: the guard is stopping"), outcome::toString);
    }
}
