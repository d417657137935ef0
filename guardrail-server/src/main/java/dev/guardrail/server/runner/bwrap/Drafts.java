package dev.guardrail.server.runner.bwrap;

import dev.guardrail.sandbox.Commit;
import dev.guardrail.sandbox.Spawner;
import dev.guardrail.server.runner.Draft;
import dev.guardrail.server.runner.TreeRemoval;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// The directory of all drafts of a guard's account, which survives processes and the machine's being switched off: of
/// each what has to be taken away, and of what was committed what it takes to take it back.
final class Drafts {
    /// How many commits can be taken back; the oldest are forgotten.
    private static final int KEPT = 50;

    private static final int PATIENCE_SECONDS = 60;
    private static final int WORDS = 300;
    private static final String ID = "view_[A-Za-z0-9]{1,64}";

    private final Path views;
    private final Programs programs = Programs.OF_THE_SYSTEM;
    private final List<String> stuck = new ArrayList<>();

    private Drafts(Path views) {
        this.views = views;
    }

    static Drafts open(Path directory) throws IOException {
        Path state = Dens.open(directory).state();
        var drafts = new Drafts(Files.createDirectories(state.resolve("views")));
        Files.setPosixFilePermissions(drafts.views, PosixFilePermissions.fromString("rwx--x--x"));
        drafts.alone(() -> {
            for (String id : drafts.ids()) if (!drafts.den(id).isOwned()) drafts.adopt(id);
            drafts.forget();
            return drafts;
        });
        return drafts;
    }

    Path views() {
        return views;
    }

    List<String> stuck() {
        return List.copyOf(stuck);
    }

    /// Does something while no other guard of this account does something with drafts.
    <T> T alone(Callable<T> work) throws IOException {
        return new Covers(views).alone(work);
    }

    private Den den(String id) throws IOException {
        if (!id.matches(ID)) throw new IOException("this is no id of a preview");
        return new Den(views.resolve(id));
    }

    private List<String> ids() throws IOException {
        try (Stream<Path> all = Files.list(views)) {
            return all.map(path -> path.getFileName().toString())
                    .filter(name -> name.matches(ID))
                    .sorted()
                    .toList();
        }
    }

    /// Completes what a process that is gone was about to do. What cannot be completed keeps no other from it.
    private void adopt(String id) throws IOException {
        Path directory = den(id).directory();
        List<String> strange;
        try {
            strange = Draft.resume(directory);
        } catch (IOException fault) {
            stuck.add(halfDone(id, fault.toString()));
            return;
        }
        if (strange.isEmpty()) settle(id);
        else stuck.add(halfDone(id, "somebody else changed `" + String.join("`, `", strange) + "`"));
    }

    private String halfDone(String id, String why) {
        return "`" + id + "` was cut short and stays so: " + why + "; what belongs there is kept in `"
                + views.resolve(id) + "`, which can be removed";
    }

    private void forget() throws IOException {
        var committed = new ArrayList<String>();
        for (String id : ids()) if (Draft.isCommitted(den(id).directory())) committed.add(id);
        for (String id : committed.subList(0, Math.max(0, committed.size() - KEPT))) remove(id);
    }

    /// Its owner is noted before anything else.
    Den create(String id) throws IOException {
        return Den.create(views, id, Den.owner(ProcessHandle.current()));
    }

    /// Where the copy of a draft is, in a directory that only who writes in it may enter.
    static Path copy(Den den) {
        return den.file("hull").resolve("copy");
    }

    /// Copies as whoever is going to write, who reads nothing that is not theirs to read. Nothing is followed.
    ///
    /// @throws IOException where not all of it could be copied; the message says why
    void copy(Den den, Path workspace, Account account) throws IOException, InterruptedException {
        Path hull = Files.createDirectory(
                den.file("hull"), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        if (account.switched()) {
            Files.setAttribute(hull, "unix:gid", account.gid(), LinkOption.NOFOLLOW_LINKS);
            Files.setAttribute(hull, "unix:uid", account.uid(), LinkOption.NOFOLLOW_LINKS);
        }
        var words = new ArrayList<>(account.switched() ? programs.as(account) : List.<String>of());
        words.addAll(List.of(programs.cp(), "-a", "--reflink=auto", "-T", "--"));
        words.addAll(List.of(workspace.toString(), copy(den).toString()));
        var builder = new ProcessBuilder(words).directory(Path.of("/").toFile()).redirectErrorStream(true);
        builder.environment().clear();
        Process process = Spawner.only().start(builder);
        try (var said = process.getInputStream()) {
            process.getOutputStream().close();
            String text = new String(said.readNBytes(WORDS), StandardCharsets.UTF_8).strip();
            said.transferTo(java.io.OutputStream.nullOutputStream());
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) throw new IOException("it takes too long");
            if (process.exitValue() != 0)
                throw new IOException(text.lines().findFirst().orElse("it failed"));
        } finally {
            process.destroyForcibly();
        }
    }

    /// Takes away the copy; and all of the draft where nothing of it was committed.
    void settle(String id) throws IOException {
        Path directory = den(id).directory();
        if (!Draft.isCommitted(directory)) remove(id);
        else TreeRemoval.remove(directory.resolve("hull"));
    }

    /// Takes it away, the note of whose it is last.
    void remove(String id) throws IOException {
        Den den = den(id);
        if (!Files.isDirectory(den.directory())) return;
        for (String name : List.of("hull", "blobs")) TreeRemoval.remove(den.file(name));
        den.remove();
    }

    Commit undo(String id) throws IOException {
        return alone(() -> {
            Path directory = den(id).directory();
            if (!Files.isDirectory(directory))
                return new Commit.Refused(List.of("there is no commit `" + id + "` to take back"));
            Commit undone = Draft.undo(directory);
            if (undone instanceof Commit.Done) remove(id);
            return undone;
        });
    }
}
