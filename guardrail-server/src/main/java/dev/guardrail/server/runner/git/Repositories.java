package dev.guardrail.server.runner.git;

import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonWriter;
import dev.guardrail.base.Sha256;
import dev.guardrail.call.CallId;
import dev.guardrail.call.PathFacts;
import dev.guardrail.undo.Compensator;
import dev.guardrail.undo.Unfit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;

/// Git repositories below one directory, put back whole: `HEAD`, all refs, the index, what git is in the middle of
/// (a merge, a rebase, the stash), and the files and directories of the work tree with their permissions. Ignored
/// files belong to it only where the target says so. Hooks, configuration, reflogs and submodules do not.
public final class Repositories implements Compensator {
    private static final int STATE_BYTES = 700 * 1024;

    private static final JsonObject TARGET = JsonObject.with("type", "object")
            .with(
                    "properties",
                    JsonObject.with("repository", type("string", "Directory of a git repository, or one in it."))
                            .with("ignored", type("boolean", "Whether ignored files belong to it."))
                            .build())
            .with("required", JsonArray.ofTexts(List.of("repository")))
            .with("additionalProperties", false)
            .build();

    private final Path root;
    private final Optional<Path> program;
    private final RandomGenerator random;
    private final ConcurrentHashMap<Path, ReentrantLock> locks = new ConcurrentHashMap<>();

    /// @param root directory that exists
    /// @param path directories in which `git` is looked for, as `PATH` has them
    /// @throws IOException where the root is not there
    public Repositories(Path root, String path, RandomGenerator random) throws IOException {
        this.root = root.toRealPath();
        this.program = Git.find(path);
        this.random = random;
    }

    private static JsonObject type(String name, String description) {
        return JsonObject.with("type", name).with("description", description).build();
    }

    @Override
    public JsonObject target() {
        return TARGET;
    }

    @Override
    public Look look(JsonObject target, PathFacts paths) throws IOException {
        try (Repository repository = open(target, paths)) {
            JsonObject state = state(repository, repository.read());
            return new Look.Seen(
                    state, version(state), List.of(repository.tree().root().toString()));
        } catch (Unfit unfit) {
            return unfit.look();
        }
    }

    private static JsonObject state(Repository repository, Snapshot snapshot) throws IOException {
        JsonObject state = Form.of(snapshot, repository.listing(Snapshot.commit(snapshot.head(), snapshot.refs())));
        if (JsonWriter.bytes(state).length > STATE_BYTES)
            throw Unfit.large("what is to be kept of it has more than " + STATE_BYTES + " bytes");
        return state;
    }

    private static String version(JsonObject state) {
        return Sha256.of(state).toString();
    }

    private Repository open(JsonObject target, PathFacts paths) throws IOException {
        Path git = program.orElseThrow(() -> new Unfit("this machine has no `git`"));
        return Repository.open(git, work(target, paths), target.isTrue("ignored"), random);
    }

    /// The work tree that a directory belongs to, which does not lie above the root.
    private Path work(JsonObject target, PathFacts paths) throws IOException {
        String real = paths.of(target.text("repository").orElse(""))
                .orElseThrow(() -> new Unfit("the repository's path cannot be resolved"))
                .real();
        for (Path at = Path.of(real); at != null && at.startsWith(root); at = at.getParent())
            if (Files.exists(at.resolve(Tree.GIT), LinkOption.NOFOLLOW_LINKS)) return at.toRealPath();
        throw new Unfit("there is no repository below the root");
    }

    @Override
    public Restored restore(JsonObject target, JsonObject state, String expect, CallId by, PathFacts paths)
            throws IOException {
        try (Repository repository = open(target, paths)) {
            var lock = locks.computeIfAbsent(repository.tree().root(), first -> new ReentrantLock());
            lock.lock();
            try {
                return locked(repository, state, expect);
            } finally {
                lock.unlock();
            }
        } catch (Unfit unfit) {
            return new Restored.Refused(unfit.why());
        }
    }

    /// Nobody else writes the index meanwhile: git's own commands respect its lock. A crash leaves the lock, which
    /// the next that puts something back here takes over.
    private static Restored locked(Repository repository, JsonObject state, String expect) throws IOException {
        if (!repository.tree().claim(Repository.LOCK, Repository.OURS) && !repository.isOurs())
            throw Unfit.busy("another git command is at work in it");
        try {
            Snapshot now = repository.read();
            String version = version(state(repository, now));
            if (version.equals(version(state))) return new Restored.Done();
            if (!version.equals(expect)) return new Restored.Changed();
            var restorer = new Restorer(repository, now, then(repository, state));
            restorer.prepare();
            done(restorer);
            if (version(state(repository, repository.read())).equals(version(state))) return new Restored.Done();
        } finally {
            repository.tree().remove(Repository.LOCK);
        }
        throw new IOException("what was put back is not what is there: somebody else is at it");
    }

    private static Snapshot then(Repository repository, JsonObject state) throws IOException {
        try {
            return Form.parse(state, repository::listing);
        } catch (IllegalArgumentException broken) {
            throw new Unfit("what was kept of it cannot be read");
        }
    }

    /// What stops it on the way has left a part: that is no refusal any more.
    private static void done(Restorer restorer) throws IOException {
        try {
            restorer.run();
        } catch (Unfit partly) {
            throw new IOException(partly.getMessage(), partly);
        }
    }

    @Override
    public void close() {}
}
