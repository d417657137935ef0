package dev.guardrail.server.runner.bwrap;

import dev.guardrail.base.IdSource;
import dev.guardrail.sandbox.Outcome;
import dev.guardrail.sandbox.Profile;
import dev.guardrail.sandbox.Property;
import dev.guardrail.sandbox.Residue;
import dev.guardrail.sandbox.Sandbox;
import dev.guardrail.sandbox.Spawner;
import dev.guardrail.sandbox.Streams;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// [Sandbox] by bubblewrap: namespaces of their own, an empty root with read-only mounts, a filter of system calls,
/// limits by
/// `prlimit` and control groups, and never root, neither inside nor outside.
public final class BubblewrapSandbox implements Sandbox {
    private static final String ID = "[A-Za-z0-9_]{1,64}";

    private final Dens dens;
    private final Programs programs;
    private final Optional<Architecture> architecture;
    private final ControlGroups groups;
    private final Map<String, String> environment;
    private final IdSource ids;
    private final Map<String, Live> lives = new ConcurrentHashMap<>();
    private final ReentrantLock probing = new ReentrantLock();
    private @Nullable Probe probed;

    BubblewrapSandbox(
            Dens dens,
            Programs programs,
            Optional<Architecture> architecture,
            ControlGroups groups,
            Map<String, String> environment,
            IdSource ids) {
        this.dens = dens;
        this.programs = programs;
        this.architecture = architecture;
        this.groups = groups;
        this.environment = Map.copyOf(environment);
        this.ids = ids;
    }

    /// One for this machine. What a process that is gone left behind is taken away first.
    ///
    /// @param state directory that belongs to it alone; made where it is not there
    /// @param environment from which profiles pass variables on
    public static BubblewrapSandbox open(Path state, Map<String, String> environment, IdSource ids) throws IOException {
        var sandbox = new BubblewrapSandbox(
                Dens.open(state),
                Programs.OF_THE_SYSTEM,
                Architecture.of(System.getProperty("os.arch")),
                ControlGroups.here(),
                environment,
                ids);
        // One that is being made has no owner for a moment.
        for (String id : sandbox.dens.covers().alone(sandbox.dens::orphans)) sandbox.cleanup(id);
        return sandbox;
    }

    /// A sandbox between preparing and cleaning up.
    private static final class Live {
        private final Launch launch;
        private final View view;
        private final Set<Residue.Finding> before;
        private @Nullable Process process;
        private boolean ended;

        private Live(Launch launch, View view, Set<Residue.Finding> before) {
            this.launch = launch;
            this.view = view;
            this.before = before;
        }

        /// @return false where it was ended already
        private synchronized boolean begin(Process started) {
            process = started;
            return !ended;
        }

        private synchronized boolean isEnded() {
            return ended;
        }

        private void end() {
            Process started;
            synchronized (this) {
                ended = true;
                started = process;
            }
            if (started != null) BubblewrapSandbox.end(started);
        }
    }

    @Override
    public Probe probe() throws InterruptedException {
        probing.lockInterruptibly();
        try {
            Probe known = probed;
            if (known != null) return known;
            Optional<Refusal> missing = programs.missing();
            if (missing.isEmpty() && architecture.isEmpty())
                missing = Optional.of(new Refusal(
                        "there is no filter of system calls for this machine's architecture",
                        "use one with x86_64 or aarch64"));
            Probe found = missing.isPresent()
                    ? new Probe.Unusable(missing.get())
                    : new SelfTest(this::prepared, this::spawn, this::cleanup, groups.bounds()).run();
            probed = found;
            return found;
        } finally {
            probing.unlock();
        }
    }

    /// What a command writes in instead of what it sees.
    interface Stand {
        /// @param view of the directories themselves
        /// @param account who is going to write
        View.Found in(View view, Account.Choice account) throws IOException, InterruptedException;
    }

    @Override
    public Optional<Refusal> objection(Profile profile, Path workspace) throws IOException, InterruptedException {
        return switch (probe()) {
            case Probe.Unusable(Refusal refusal) -> Optional.of(refusal);
            case Probe.Proven(Set<Property> proven) -> {
                Optional<Refusal> missing = missing(profile, proven);
                yield missing.isPresent()
                        ? missing
                        : switch (View.of(profile, workspace, dens.state())) {
                            case View.Found.Refused(Refusal refusal) -> Optional.of(refusal);
                            case View.Found.Seen(View view) ->
                                Account.of(view.written()) instanceof Account.Choice.Refused(Refusal refusal)
                                        ? Optional.of(refusal)
                                        : Optional.empty();
                        };
            }
        };
    }

    private static Optional<Refusal> missing(Profile profile, Set<Property> proven) {
        return profile.require().stream()
                .filter(property -> !proven.contains(property))
                .sorted()
                .findFirst()
                .map(BubblewrapSandbox::unproven);
    }

    @Override
    public Prepared prepare(Profile profile, Path workspace) throws IOException, InterruptedException {
        return prepare(profile, workspace, (view, account) -> new View.Found.Seen(view));
    }

    /// As the other, where the command writes in something else than it sees.
    Prepared prepare(Profile profile, Path workspace, Stand stand) throws IOException, InterruptedException {
        return switch (probe()) {
            case Probe.Unusable(Refusal refusal) -> new Prepared.Refused(refusal);
            case Probe.Proven(Set<Property> proven) -> {
                Optional<Refusal> missing = missing(profile, proven);
                yield missing.isPresent()
                        ? new Prepared.Refused(missing.get())
                        : prepared(profile, workspace, !proven.contains(Property.TREE_MEMORY), stand);
            }
        };
    }

    private static Refusal unproven(Property property) {
        String mend = property == Property.TREE_MEMORY
                ? "give the guard a control group below which it may make others with `memory` (as root, or by"
                        + " delegation), or take it from `require`"
                : "take it from `require`, or use a machine that has it";
        return new Refusal("the profile requires `" + property.text() + "`, which is not proven on this machine", mend);
    }

    private Prepared prepared(Profile profile, Path workspace, boolean memory)
            throws IOException, InterruptedException {
        return prepared(profile, workspace, memory, (view, account) -> new View.Found.Seen(view));
    }

    /// A crash on the way leaves a den with notes of all that was made, for [#cleanup].
    private Prepared prepared(Profile profile, Path workspace, boolean memory, Stand stand)
            throws IOException, InterruptedException {
        View view;
        switch (View.of(profile, workspace, dens.state())) {
            case View.Found.Refused(Refusal refusal) -> {
                return new Prepared.Refused(refusal);
            }
            case View.Found.Seen(View seen) -> view = seen;
        }
        Account.Choice choice = Account.of(view.written());
        if (choice instanceof Account.Choice.Refused(Refusal refusal)) return new Prepared.Refused(refusal);
        switch (stand.in(view, choice)) {
            case View.Found.Refused(Refusal refusal) -> {
                return new Prepared.Refused(refusal);
            }
            case View.Found.Seen(View other) -> view = other;
        }
        View writes = view;
        var handle = new Handle(ids.next("box"), profile, view.workspace());
        boolean ready = false;
        try {
            var furnishing = new Furnishing(dens, programs, architecture.orElseThrow(), groups, environment);
            return switch (dens.covers().alone(() -> furnishing.furnish(handle, writes, choice, memory))) {
                case Furnishing.Made.Refused(Refusal refusal) -> new Prepared.Refused(refusal);
                case Furnishing.Made.Furnished(Launch launch, Set<Residue.Finding> before) -> {
                    lives.put(handle.id(), new Live(launch, writes, before));
                    ready = true;
                    yield new Prepared.Ready(handle);
                }
            };
        } finally {
            if (!ready) cleanup(handle.id());
        }
    }

    @Override
    public Outcome spawn(Handle handle, List<String> command, Streams streams)
            throws IOException, InterruptedException {
        Live live = lives.get(handle.id());
        if (live == null || command.isEmpty() || command.stream().anyMatch(word -> word.indexOf('\0') >= 0))
            throw new IOException("there is no such sandbox, or no command that can be run");
        var builder = new ProcessBuilder(live.launch.words(command))
                .directory(Path.of("/").toFile());
        builder.environment().clear();
        Process process = Spawner.only().start(builder);
        try {
            if (!live.begin(process)) end(process);
            var limits = handle.profile().limits();
            var flow = Flow.start(process, streams, limits.outputBytes(), () -> end(process));
            boolean inTime = process.waitFor(limits.wall().toMillis(), TimeUnit.MILLISECONDS);
            end(process);
            process.waitFor();
            flow.awaitEnd();
            return outcome(live, handle.id(), inTime, flow.isCut());
        } finally {
            end(process);
        }
    }

    private Outcome outcome(Live live, String id, boolean inTime, boolean cut) throws IOException {
        if (cut) return new Outcome.OverLimit(Outcome.Bound.OUTPUT);
        if (!inTime) return new Outcome.TimedOut();
        if (groups.killedForMemory(id)) return new Outcome.OverLimit(Outcome.Bound.MEMORY);
        if (live.isEnded()) return new Outcome.Failed(128 + 9);
        int code = live.launch
                .den()
                .exitCode()
                .orElseThrow(() -> new IOException("the sandbox did not start; why, stands in the command's errors"));
        if (code == 0) return new Outcome.Succeeded();
        return Launch.bound(code).<Outcome>map(Outcome.OverLimit::new).orElseGet(() -> new Outcome.Failed(code));
    }

    @Override
    public void kill(Handle handle) {
        Live live = lives.get(handle.id());
        if (live != null) live.end();
    }

    /// The first process of the PID namespace takes all others with it, and bubblewrap waits for that.
    private static void end(Process process) {
        if (!process.isAlive()) return;
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        try {
            if (process.waitFor(2, TimeUnit.SECONDS)) return;
        } catch (InterruptedException hurried) {
            Thread.currentThread().interrupt();
        }
        process.destroyForcibly();
    }

    @Override
    public Residue residue(Handle handle) throws IOException {
        Live live = lives.get(handle.id());
        if (live == null) return new Residue(List.of(), false);
        Residue found = ResidueScan.of(handle.profile(), live.view);
        var findings = new ArrayList<>(found.findings());
        findings.removeAll(live.before);
        for (String line : live.launch.den().lines(Covers.LIST)) {
            Path cover = Path.of(line);
            if (Files.exists(cover) && !Covers.isCover(cover))
                findings.add(new Residue.Finding(live.view.shown(cover), Residue.Kind.APPEARED));
        }
        return new Residue(findings, found.complete());
    }

    /// What has ended goes first, then what it left elsewhere, and the notes of it last.
    @Override
    public void cleanup(String id) throws IOException {
        if (!id.matches(ID)) throw new IOException("this is no id of a sandbox");
        Live live = lives.remove(id);
        if (live != null) live.end();
        Den den = dens.of(id);
        ControlGroups.remove(den.lines("groups").stream().map(Path::of).toList());
        dens.covers().alone(() -> {
            dens.covers().lift(den, id);
            dens.users().release(id);
            den.remove();
            return id;
        });
    }

    /// Every file that there is of sandboxes, outside of what they write in.
    Stream<Path> files() throws IOException {
        return Files.walk(dens.state());
    }
}
