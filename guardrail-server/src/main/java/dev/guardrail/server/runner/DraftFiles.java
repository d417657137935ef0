package dev.guardrail.server.runner;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonWriter;
import dev.guardrail.base.StrictJson;
import dev.guardrail.sandbox.Commit;
import dev.guardrail.undo.Compensator.Restored;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// What is kept of a draft in a directory of its own: bytes of files as they were and as they are to be, and the plan,
/// whose name says how far it has come.
record DraftFiles(Path directory) {
    private static final StrictJson.Limits LIMITS = new StrictJson.Limits(256 << 20, 64, 256, 40, 10_000);

    /// How far a draft has come.
    enum Phase {
        /// On the way into the workspace; as far as it is not there, it has to be put there.
        COMMITTING("committing"),
        /// In the workspace.
        COMMITTED("committed"),
        /// On the way out of it again.
        UNDOING("undoing");

        private final String file;

        Phase(String file) {
            this.file = file;
        }
    }

    /// @param number by which its temporary files are known
    record Plan(Transition transition, long number) {}

    private Blobs blobs() throws IOException {
        Path blobs = directory.resolve("blobs");
        if (!Files.isDirectory(blobs))
            Files.createDirectory(
                    blobs, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        return new Blobs(blobs);
    }

    void keep(ConfinedTree tree, FileStates states) throws IOException {
        for (var state : states.byPlace().entrySet())
            if (state.getValue() instanceof FileState.Regular file
                    && file.content() instanceof FileState.Content.Digest(dev.guardrail.base.Sha256 digest))
                blobs().keep(tree, FileStates.names(state.getKey()), digest);
        blobs().sync();
    }

    /// Places where somebody else did something.
    @FunctionalInterface
    interface Strangers {
        List<String> find() throws IOException;
    }

    /// Writes the plan, then does what it says. A crash before the plan is there has changed nothing; one after it
    /// leaves a part, and [#resume] does the rest.
    ///
    /// @param others looked for beside what the transition tells
    /// @throws IOException where not all of it was done, and it is not sure that nothing was
    Commit carryOut(Plan plan, Strangers others) throws IOException {
        return carryOut(plan, plan.transition(), others, () -> write(Phase.COMMITTING, plan), Phase.COMMITTING);
    }

    /// Takes out of the workspace again what is in it by this draft. As with [#carryOut], a crash leaves a part.
    Commit takeBack(Plan plan) throws IOException {
        Transition back = plan.transition().reversed();
        return carryOut(plan, back, List::of, () -> turn(Phase.COMMITTED, Phase.UNDOING), Phase.UNDOING);
    }

    private interface Note {
        void take() throws IOException;
    }

    private Commit carryOut(Plan plan, Transition transition, Strangers others, Note note, Phase phase)
            throws IOException {
        try (var crossing = new Crossing(transition, blobs(), plan.number())) {
            Strangers all = () -> conflicts(crossing, transition, others);
            List<String> found = all.find();
            if (!found.isEmpty()) return new Commit.Conflict(found);
            FileStates now = crossing.now();
            List<String> closed = crossing.closed(now);
            if (!closed.isEmpty())
                return new Commit.Refused(closed.stream()
                        .map(directory -> "the guard may not write in `" + directory + "`")
                        .toList());
            note.take();
            return switch (crossing.go(now, () -> all.find().isEmpty())) {
                case Restored.Done done -> {
                    settle(phase, phase == Phase.COMMITTING);
                    yield new Commit.Done();
                }
                case Restored.Changed changed -> {
                    settle(phase, phase == Phase.UNDOING);
                    yield new Commit.Conflict(all.find());
                }
                case Restored.Refused(String why) -> {
                    settle(phase, phase == Phase.UNDOING);
                    yield new Commit.Refused(List.of(why));
                }
            };
        }
    }

    private static List<String> conflicts(Crossing crossing, Transition transition, Strangers others)
            throws IOException {
        var found = new TreeSet<>(others.find());
        found.addAll(transition.changed(crossing.now()));
        found.addAll(crossing.strangers());
        return List.copyOf(found);
    }

    /// Nothing is on its way any more.
    ///
    /// @param committed true where the change is in the workspace now, and can be taken back
    private void settle(Phase phase, boolean committed) throws IOException {
        if (committed) turn(phase, Phase.COMMITTED);
        else drop(phase);
    }

    /// Completes what a crash, or a fault, has left half done.
    ///
    /// @return places that somebody else changed since, because of which it stays half done; none where it is done
    List<String> resume() throws IOException {
        Optional<Plan> committing = read(Phase.COMMITTING);
        if (committing.isPresent()) {
            List<String> strange =
                    resume(committing.get().transition(), committing.get().number());
            if (strange.isEmpty()) turn(Phase.COMMITTING, Phase.COMMITTED);
            return strange;
        }
        Optional<Plan> undoing = read(Phase.UNDOING);
        if (undoing.isEmpty()) return List.of();
        List<String> strange =
                resume(undoing.get().transition().reversed(), undoing.get().number());
        if (strange.isEmpty()) drop(Phase.UNDOING);
        return strange;
    }

    private List<String> resume(Transition transition, long number) throws IOException {
        try (var crossing = new Crossing(transition, blobs(), number)) {
            crossing.sweep();
            FileStates now = crossing.now();
            List<String> strange = transition.strange(now);
            strange = strange.isEmpty() ? crossing.strangers() : strange;
            if (!strange.isEmpty()) return strange;
            return switch (crossing.go(now, () -> crossing.now().equals(now))) {
                case Restored.Done done -> List.of();
                case Restored.Changed changed -> transition.strange(crossing.now());
                case Restored.Refused(String why) -> throw new IOException(why);
            };
        }
    }

    boolean has(Phase phase) {
        return Files.exists(directory.resolve(phase.file));
    }

    Optional<Plan> read(Phase phase) throws IOException {
        Path file = directory.resolve(phase.file);
        if (!Files.exists(file)) return Optional.empty();
        if (!(StrictJson.parse(Files.readAllBytes(file), LIMITS) instanceof JsonObject json))
            throw new IOException("`" + file + "` is no plan");
        Transition transition =
                Transition.of(json).orElseThrow(() -> new IOException("`" + file + "` is no plan of this program"));
        return Optional.of(
                new Plan(transition, Long.parseUnsignedLong(json.text("number").orElse("0"), 16)));
    }

    private void write(Phase phase, Plan plan) throws IOException {
        byte[] bytes = JsonWriter.bytes(plan.transition()
                .json()
                .set("number", new dev.guardrail.base.JsonText(Long.toHexString(plan.number()))));
        Path half = directory.resolve("half");
        Files.deleteIfExists(half);
        try (var file = FileChannel.open(
                half,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
            var left = ByteBuffer.wrap(bytes);
            while (left.hasRemaining()) file.write(left);
            file.force(true);
        }
        Files.move(half, directory.resolve(phase.file), StandardCopyOption.ATOMIC_MOVE);
        sync();
    }

    private void turn(Phase from, Phase to) throws IOException {
        Files.move(directory.resolve(from.file), directory.resolve(to.file), StandardCopyOption.ATOMIC_MOVE);
        sync();
    }

    private void drop(Phase phase) throws IOException {
        Files.delete(directory.resolve(phase.file));
        sync();
    }

    private void sync() throws IOException {
        try (var names = FileChannel.open(directory, StandardOpenOption.READ)) {
            names.force(true);
        }
    }
}
