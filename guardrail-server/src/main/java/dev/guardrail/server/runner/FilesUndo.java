package dev.guardrail.server.runner;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonBoolean;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonWriter;
import dev.guardrail.call.CallId;
import dev.guardrail.call.PathFact;
import dev.guardrail.call.PathFacts;
import dev.guardrail.server.runner.ConfinedTree.Refused;
import dev.guardrail.server.runner.StateReader.Manner;
import dev.guardrail.undo.Compensator;
import dev.guardrail.undo.Hindrance;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// Takes back what was done to files below a root: bytes, modes, owners, times, links, empty directories, and names of
/// whole trees. It is asked about `path`, about `paths`, or about `from` and `to` of a move, of which only what stands
/// at `to` is kept. A path names the links that it leads through and what stands where it ends.
final class FilesUndo implements Compensator {
    /// Largest state, in bytes of JSON.
    private static final int MOST = 700 * 1024;

    private static final int PATHS = 32;

    /// As Linux (`MAXSYMLINKS`).
    private static final int LINKS = 40;

    private final ConfinedTree tree;
    private final StateReader reader;

    FilesUndo(ConfinedTree tree) {
        this.tree = tree;
        this.reader = new StateReader(tree);
    }

    @Override
    public JsonObject target() {
        JsonObject text = JsonObject.with("type", "string").build();
        JsonObject texts = JsonObject.with("type", "array")
                .with("items", text)
                .with("minItems", 1)
                .with("maxItems", PATHS)
                .build();
        return JsonObject.with("type", "object")
                .with(
                        "properties",
                        JsonObject.with("path", text)
                                .with("paths", texts)
                                .with("from", text)
                                .with("to", text)
                                .build())
                .with("oneOf", new JsonArray(List.of(required("path"), required("paths"), required("from", "to"))))
                .with("additionalProperties", JsonBoolean.FALSE)
                .build();
    }

    private static Json required(String... names) {
        return JsonObject.with("required", JsonArray.ofTexts(List.of(names))).build();
    }

    @Override
    public Look look(JsonObject target, PathFacts paths) throws IOException {
        var lock = tree.changes().readLock();
        lock.lock();
        try {
            FileStates found = states(target, paths);
            JsonObject state = found.json();
            if (JsonWriter.bytes(state).length > MOST) return new Look.Unfit(Hindrance.TOO_LARGE, tooLarge());
            return new Look.Seen(state, found.version(), found.touches(tree.root()));
        } catch (Refused unfit) {
            return new Look.Unfit(unfit.kind(), Workspace.reason(unfit));
        } catch (AccessDeniedException closed) {
            return new Look.Unfit("it cannot be read");
        } finally {
            lock.unlock();
        }
    }

    private static String tooLarge() {
        return "what it takes to put it back is larger than " + MOST / 1024 + " KiB";
    }

    @Override
    public Restored restore(JsonObject target, JsonObject state, String expect, CallId by, PathFacts paths)
            throws IOException {
        Optional<FileStates> wanted = FileStates.of(state);
        if (wanted.isEmpty()) return new Restored.Refused("its state is not one of files");
        var lock = tree.changes().writeLock();
        lock.lock();
        try (var restoration = new Restoration(tree)) {
            Optional<FileStates> now = now(target, paths);
            if (now.equals(wanted)) return new Restored.Done();
            if (now.isEmpty() || !now.get().version().equals(expect) || !stand(now.get(), wanted.get()))
                return new Restored.Changed();
            return restoration.apply(
                    RestorePlan.of(now.get(), wanted.get()),
                    () -> now(target, paths).equals(now));
        } catch (Refused no) {
            return new Restored.Refused(Workspace.reason(no));
        } catch (AccessDeniedException closed) {
            return new Restored.Refused("what is there now cannot be read");
        } finally {
            lock.unlock();
        }
    }

    /// @return empty where it is nothing that was ever seen
    private Optional<FileStates> now(JsonObject target, PathFacts paths) throws IOException {
        try {
            return Optional.of(states(target, paths));
        } catch (Refused unfit) {
            return Optional.empty();
        }
    }

    /// True where all is as it was to which the target does not lead any more: that is not touched.
    private boolean stand(FileStates now, FileStates wanted) throws IOException {
        for (Map.Entry<String, FileState> other : wanted.byPlace().entrySet()) {
            if (now.byPlace().containsKey(other.getKey())) continue;
            Manner manner = other.getValue().isWhole() ? Manner.WHOLE : Manner.IDENTITY;
            try {
                if (!reader.read(FileStates.names(other.getKey()), manner).equals(other.getValue())) return false;
            } catch (Refused unfit) {
                return false;
            }
        }
        return true;
    }

    private FileStates states(JsonObject target, PathFacts paths) throws IOException {
        var found = new TreeMap<String, FileState>();
        Optional<String> from = target.text("from");
        Optional<String> to = target.text("to");
        if (from.isPresent() && to.isPresent()) {
            FileState moved = add(found, from.get(), paths, Manner.IDENTITY);
            // What stands at the other end before a move is lost by it; after the move it is what was moved.
            add(found, to.get(), paths, moved instanceof FileState.Absent ? Manner.IDENTITY : Manner.WHOLE);
        } else {
            for (String path : named(target)) add(found, path, paths, Manner.WHOLE);
        }
        return new FileStates(found);
    }

    private static List<String> named(JsonObject target) throws Refused {
        List<String> named = new ArrayList<>();
        target.text("path").ifPresent(named::add);
        target.array("paths").map(JsonArray::texts).ifPresent(named::addAll);
        if (named.isEmpty() || named.size() > PATHS)
            throw new Refused("it names no path, or more than " + PATHS + " of them");
        return named;
    }

    /// @return what stands where the path ends
    private FileState add(SortedMap<String, FileState> found, String text, PathFacts paths, Manner manner)
            throws IOException {
        PathFact fact = paths.of(text).orElseThrow(() -> new Refused("a path in it cannot be resolved"));
        if (!fact.root().equals(tree.root().toString())) throw new Refused("it leads out of the workspace");
        for (List<String> link : links(text, fact)) {
            FileState state = reader.read(link, manner);
            if (!(state instanceof FileState.Link)) throw new Refused(Hindrance.BUSY, "it changes while it is read");
            found.put(String.join("/", link), state);
        }
        List<String> end = tree.below(Path.of(fact.real()));
        FileState state = reader.read(end, manner);
        if (state instanceof FileState.Link) throw new Refused(Hindrance.BUSY, "it changes while it is read");
        found.put(String.join("/", end), state);
        return state;
    }

    /// The links below the root that a path leads through as its last component, one after the other.
    private List<List<String>> links(String text, PathFact fact) throws IOException {
        var links = new ArrayList<List<String>>();
        Path base = tree.root();
        String rest = text;
        for (int i = 0; i <= LINKS; i++) {
            Optional<Path> place = lastPlace(base, rest);
            if (place.isEmpty() || !Files.isSymbolicLink(place.get())) return ends(base, rest, fact, links);
            if (place.get().startsWith(tree.root())) links.add(tree.below(place.get()));
            base = Objects.requireNonNull(place.get().getParent());
            rest = Files.readSymbolicLink(place.get()).toString();
        }
        throw new Refused("it leads through too many links");
    }

    /// Where the last component of a path lies, itself not followed.
    private static Optional<Path> lastPlace(Path base, String text) {
        String path = text.replaceAll("/+$", "");
        int slash = path.lastIndexOf('/');
        String last = path.substring(slash + 1);
        if (last.isEmpty() || last.equals(".") || last.equals("..")) return Optional.empty();
        return RealPath.of(base, slash < 0 ? "." : path.substring(0, slash + 1)).map(parent -> parent.resolve(last));
    }

    private static List<List<String>> ends(Path base, String rest, PathFact fact, List<List<String>> links)
            throws Refused {
        boolean asJudged = RealPath.of(base, rest).map(Path::toString).equals(Optional.of(fact.real()));
        if (!asJudged) throw new Refused("it leads elsewhere than when it was judged");
        return links;
    }

    @Override
    public void close() throws IOException {
        tree.close();
    }
}
