package dev.guardrail.server.runner.git;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.guardrail.undo.Unfit;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFileAttributes;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/// Makes a repository what it was: refs in one transaction, then the work tree, what git is in the middle of, and
/// the index, while nobody else can write the index. A crash leaves what was done up to there, and the lock of the
/// index, which is known as ours.
final class Restorer {
    private static final String REASON = "guardrail undo";

    private final Repository repository;
    private final Tree tree;
    private final Snapshot now;
    private final Snapshot then;
    private final Objects objects;
    private Set<String> kept = Set.of();

    Restorer(Repository repository, Snapshot now, Snapshot then) {
        this.repository = repository;
        this.tree = repository.tree();
        this.now = now;
        this.then = then;
        this.objects = new Objects(repository.git(), then);
    }

    /// Makes sure that all can be done that is to be done, and does nothing.
    ///
    /// @throws Unfit where it cannot
    void prepare() throws IOException {
        objects.refuseMissing();
        var rules = new Ignored(repository.git(), objects);
        kept = rules.among(goneFiles(), then);
        if (!Ignored.isSame(now, then)) refuseShown(rules);
        for (var each : then.items().entrySet()) {
            String path = each.getKey();
            Item was = now.items().get(path);
            if (each.getValue().isFolder()) continue;
            if (was == null) refuseOther(path, each.getValue());
            else if (was.isFolder()) refuseFull(path);
        }
    }

    /// Files that were not there. Those that were ignored may have been: nobody looked, and they stay.
    private Set<String> goneFiles() {
        var gone = new TreeSet<String>();
        now.items().forEach((path, item) -> {
            if (!item.isFolder() && !then.items().containsKey(path)) gone.add(path);
        });
        return gone;
    }

    /// What is ignored now and was not would be there when the rules are: nobody can tell whether it was.
    private void refuseShown(Ignored rules) throws IOException {
        var shown = new TreeSet<>(repository.ignored());
        shown.removeAll(then.items().keySet());
        shown.removeAll(rules.among(shown, then));
        for (String path : shown)
            if (!path.endsWith("/") || holdsOther(path))
                throw new Unfit("`" + path + "` was not ignored before, but is now");
    }

    /// True where a directory has anything that was not there.
    private boolean holdsOther(String folder) throws IOException {
        var found = Walk.of(tree, then.format(), Set.of(), folder.substring(0, folder.length() - 1));
        return !then.items().keySet().containsAll(found.items().keySet());
    }

    /// What is ignored now was not looked at: it has to be what is put there.
    private void refuseOther(String path, Item item) throws IOException {
        var found = tree.find(path);
        if (found.isEmpty()) return;
        boolean same = !found.get().isDirectory()
                && found.get().isSymbolicLink() == (item.kind() == Item.Kind.LINK)
                && then.format().blob(tree.read(path, Integer.MAX_VALUE - 8)).equals(item.oid());
        if (!same) throw new Unfit("`" + path + "` is ignored now and holds something else");
    }

    private void refuseFull(String folder) throws IOException {
        boolean full = Stream.concat(kept.stream(), repository.ignored().stream())
                .anyMatch(path -> path.startsWith(folder + "/"));
        if (full) throw new Unfit("ignored files lie where `" + folder + "` was a file");
    }

    /// @throws IOException where only a part was done
    void run() throws IOException {
        new References(repository.git(), REASON).change(now, then);
        clear();
        fill();
        note();
        tree.write(".git/index", Index.bytes(then.index(), then.format(), this::stat), indexMode(), Optional.empty());
    }

    /// Removes what was not there, and what was something else.
    private void clear() throws IOException {
        for (var each : new TreeMap<>(now.items()).descendingMap().entrySet()) {
            String path = each.getKey();
            Item is = each.getValue();
            Item was = then.items().get(path);
            boolean other = was == null || was.isFolder() != is.isFolder();
            if (other && !kept.contains(path) && !tree.remove(path) && was != null)
                throw new IOException("a directory is not empty where a file was");
        }
    }

    private void fill() throws IOException {
        for (var each : then.items().entrySet()) {
            String path = each.getKey();
            Item was = each.getValue();
            Item is = now.items().get(path);
            Optional<Instant> time = Optional.ofNullable(then.times().get(path));
            if (was.equals(is) && time.equals(Optional.ofNullable(now.times().get(path)))) continue;
            if (was.isFolder()) tree.folder(path);
            else if (is != null && is.kind() == was.kind() && is.oid().equals(was.oid()))
                tree.permit(path, was.mode(), time);
            else if (was.kind() == Item.Kind.FILE) tree.write(path, objects.bytes(was.oid()), was.mode(), time);
            else tree.link(path, new String(objects.bytes(was.oid()), UTF_8));
        }
        for (var each : new TreeMap<>(then.items()).descendingMap().entrySet()) {
            Item was = each.getValue();
            if (was.isFolder() && !was.equals(now.items().get(each.getKey())))
                tree.permit(each.getKey(), was.mode(), Optional.empty());
        }
    }

    /// Files in `.git` beside refs and index.
    private void note() throws IOException {
        for (String name : now.records().keySet())
            if (!then.records().containsKey(name)) tree.remove(Tree.GIT + "/" + name);
        for (String folder : Repository.RECORD_FOLDERS)
            if (then.records().keySet().stream().noneMatch(name -> name.startsWith(folder + "/"))) removeEmpty(folder);
        for (Map.Entry<String, byte[]> record : then.records().entrySet()) {
            String path = Tree.GIT + "/" + record.getKey();
            if (tree.find(path).isPresent() && Arrays.equals(record.getValue(), tree.read(path, Integer.MAX_VALUE - 8)))
                continue;
            tree.parents(path);
            tree.write(path, record.getValue(), 0644, Optional.empty());
        }
    }

    private void removeEmpty(String folder) throws IOException {
        String path = Tree.GIT + "/" + folder;
        if (tree.find(path).filter(PosixFileAttributes::isDirectory).isEmpty()) return;
        try (var directory = tree.open(path)) {
            for (var entry : directory) removeEmpty(folder + "/" + entry.getFileName());
        }
        tree.remove(path);
    }

    private int indexMode() throws IOException {
        return tree.find(".git/index")
                .map(found -> Item.mode(found.permissions()))
                .orElse(0644);
    }

    /// What git would have remembered, had it written the file itself.
    private byte[] stat(Index.Entry entry) {
        Item item = then.items().get(entry.path());
        boolean clean =
                entry.stage() == 0 && item != null && item.oid().equals(entry.oid()) && item.gitMode() == entry.mode();
        if (!clean) return Index.nothing();
        try {
            return stat(Files.readAttributes(tree.root().resolve(entry.path()), "unix:*", LinkOption.NOFOLLOW_LINKS));
        } catch (IOException | UnsupportedOperationException unknown) {
            return Index.nothing();
        }
    }

    private static byte[] stat(Map<String, Object> found) {
        var stat = ByteBuffer.wrap(Index.nothing());
        for (String time : List.of("ctime", "lastModifiedTime"))
            if (found.get(time) instanceof FileTime at) {
                long seconds = at.toInstant().getEpochSecond();
                stat.putInt((int) seconds).putInt(at.toInstant().getNano());
            }
        for (String number : List.of("dev", "ino", "mode", "uid", "gid", "size"))
            stat.putInt(found.get(number) instanceof Number value ? (int) value.longValue() : 0);
        return stat.array();
    }
}
