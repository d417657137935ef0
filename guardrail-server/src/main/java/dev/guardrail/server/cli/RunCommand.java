package dev.guardrail.server.cli;

import dev.guardrail.pack.PackReader;
import dev.guardrail.pack.PolicyPack;
import dev.guardrail.sandbox.Outcome;
import dev.guardrail.sandbox.Profile;
import dev.guardrail.sandbox.Residue;
import dev.guardrail.sandbox.Sandbox;
import dev.guardrail.sandbox.Sandbox.Handle;
import dev.guardrail.sandbox.Sandbox.Prepared;
import dev.guardrail.sandbox.Sandbox.Refusal;
import dev.guardrail.sandbox.Streams;
import dev.guardrail.server.cli.PreviewRun.Wish;
import dev.guardrail.server.runner.bwrap.Previews;
import dev.guardrail.server.wiring.ShippedProfiles;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `run`: a command under a sandbox profile, for hosts that run commands themselves.
@Command(
        name = "run",
        mixinStandardHelpOptions = true,
        description = {
            "Run a command under a sandbox profile.",
            "It sees and uses what the profile says and nothing else. What this machine cannot hold it to refuses."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "120:a preview was discarded, since nobody said or could be asked what becomes of it",
            "121:a preview was not committed, since somebody else changed the workspace; what, is told",
            "122:a preview was not committed, since it holds what never is; what, is told",
            "123:it left something behind that others may trip over; which, is told",
            "124:a limit of the profile ended it; which, is told",
            "125:it was not run; why, is told",
            "*:the command's own; 128 and a signal's number where one ended it"
        })
final class RunCommand implements Callable<Integer> {
    private static final int RESIDUE = 123;
    private static final int LIMIT = 124;
    private static final int REFUSED = 125;

    /// Most of what is left behind that is told one by one.
    private static final int TOLD = 20;

    @Option(
            names = "--profile",
            required = true,
            paramLabel = "P",
            description = "Name of a profile: strict, build, stdio-server, python, node, git, or one of --policies.")
    @SuppressWarnings("NullAway.Init") // set by picocli
    private String profileName;

    @Option(
            names = "--policies",
            paramLabel = "DIR",
            description = "Files or directories with profiles, instead of those that come with the program.")
    private List<Path> policies = List.of();

    @Option(
            names = "--workspace",
            paramLabel = "DIR",
            description = "Directory that `.` stands for in the profile; the current one by default.")
    private Path workspace = Path.of("");

    @Mixin
    private SandboxState own = new SandboxState();

    @Option(
            names = "--preview",
            description = "Run it on a copy of the workspace, show what it did there, and ask what becomes of that.")
    private boolean preview;

    @Option(names = "--commit", description = "With --preview: do the same to the workspace, without asking.")
    private boolean commit;

    @Option(names = "--discard", description = "With --preview: throw it away, without asking.")
    private boolean discard;

    @Parameters(arity = "1..*", paramLabel = "CMD", description = "Program and arguments, after `--`.")
    private List<String> command = List.of();

    /// Nothing is run. The message says why and how to mend it.
    private static final class NotRun extends Exception {
        private static final long serialVersionUID = 1;

        NotRun(String why) {
            super(why);
        }
    }

    @Override
    public Integer call() throws InterruptedException {
        try {
            if ((commit || discard) && (!preview || commit == discard))
                throw new NotRun("`--commit` or `--discard` says what becomes of a `--preview`");
            Profile profile = profile();
            Path place = workspace.toAbsolutePath().normalize();
            var sandbox = own.sandbox();
            if (preview) return preview(sandbox, own.previews(sandbox), profile, place);
            return switch (sandbox.prepare(profile, place)) {
                case Prepared.Refused(Refusal refusal) -> throw new NotRun(refusal.sentence());
                case Prepared.Ready(Handle handle) ->
                    run(sandbox, handle, sandbox::cleanup, System.in, (outcome, residue, code) -> code);
            };
        } catch (NotRun refused) {
            return say(String.valueOf(refused.getMessage()), REFUSED);
        } catch (IOException broken) {
            return say(String.valueOf(broken.getMessage()), REFUSED);
        }
    }

    private int preview(Sandbox sandbox, Previews previews, Profile profile, Path place)
            throws NotRun, IOException, InterruptedException {
        var wish = commit ? Wish.COMMIT : discard ? Wish.DISCARD : Wish.ASK;
        // Who is asked afterwards types nothing for the command.
        boolean asks = wish == Wish.ASK && PreviewRun.terminal().isPresent();
        return switch (previews.prepare(profile, place)) {
            case Prepared.Refused(Refusal refusal) -> throw new NotRun(refusal.sentence());
            case Prepared.Ready(Handle handle) ->
                run(
                        sandbox,
                        handle,
                        id -> previews.cleanup(handle),
                        asks ? InputStream.nullInputStream() : System.in,
                        new PreviewRun(previews, handle, wish)::settle);
        };
    }

    /// Takes away what belongs to a handle.
    private interface Cleaning {
        void cleanup(String id) throws IOException;
    }

    /// What becomes of a command that has ended.
    private interface Settling {
        int settle(Outcome outcome, Residue residue, int code) throws IOException;
    }

    private Profile profile() throws NotRun, IOException {
        var reader = new PackReader();
        PolicyPack pack = policies.isEmpty() ? reader.readSources(ShippedProfiles.sources()) : reader.read(policies);
        if (!pack.isSound()) throw new NotRun("the profiles have errors; `guardrail check` names each at its place");
        Profile found = pack.profiles().get(profileName);
        if (found == null)
            throw new NotRun("there is no profile `" + profileName + "`; there are "
                    + String.join(", ", pack.profiles().keySet()));
        refuseWritable(found);
        return found;
    }

    /// Whoever writes a profile says what it may do.
    private void refuseWritable(Profile profile) throws NotRun, IOException {
        Path place = workspace.toRealPath();
        for (Profile.Write write : profile.files().write()) {
            Path written = write.path().equals(Profile.WORKSPACE) ? place : Path.of(write.path());
            for (Path policy : policies)
                if (policy.toRealPath().startsWith(written))
                    throw new NotRun("`" + policy + "` lies where the command may write; keep profiles elsewhere");
        }
    }

    private int run(Sandbox sandbox, Handle handle, Cleaning cleaning, InputStream input, Settling settling)
            throws IOException, InterruptedException {
        // On an interrupt nothing waits for the command, and its place is taken away all the same.
        var hook = new Thread(() -> cleanup(sandbox, handle, cleaning), "sandbox-cleanup");
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            Outcome outcome = sandbox.spawn(handle, command, new Streams(input, System.out, System.err));
            Residue residue = sandbox.residue(handle);
            int code = tell(outcome, handle.profile());
            return settling.settle(outcome, residue, residue.isClean() ? code : tell(residue));
        } finally {
            cleaning.cleanup(handle.id());
            Runtime.getRuntime().removeShutdownHook(hook);
        }
    }

    private static void cleanup(Sandbox sandbox, Handle handle, Cleaning cleaning) {
        try {
            sandbox.kill(handle);
            cleaning.cleanup(handle.id());
        } catch (IOException left) {
            say(left.getMessage() + "; the next run takes it away", REFUSED);
        }
    }

    private static int tell(Outcome outcome, Profile profile) {
        return switch (outcome) {
            case Outcome.Succeeded() -> 0;
            case Outcome.Failed(int code) -> code;
            case Outcome.TimedOut() -> say("ended, since it ran longer than `wall` of `" + profile.name() + "`", LIMIT);
            case Outcome.OverLimit(Outcome.Bound bound) ->
                say(
                        "ended, since it used more than `" + bound.text() + "` of `" + profile.name() + "`"
                                + (bound == Outcome.Bound.OUTPUT ? "; its output is cut there" : ""),
                        LIMIT);
        };
    }

    private static int tell(Residue residue) {
        residue.findings().stream()
                .limit(TOLD)
                .forEach(finding ->
                        say("`" + finding.path() + "` " + finding.kind().words(), RESIDUE));
        int more = residue.findings().size() - TOLD;
        if (more > 0) say("and " + more + " more", RESIDUE);
        if (!residue.complete()) say("not all that the command may have left could be looked at", RESIDUE);
        return RESIDUE;
    }

    private static int say(String words, int code) {
        System.err.println("guardrail: " + Screen.safe(words));
        return code;
    }
}
