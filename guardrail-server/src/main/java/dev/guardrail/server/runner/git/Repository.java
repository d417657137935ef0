package dev.guardrail.server.runner.git;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.guardrail.undo.Unfit;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/// A repository with its work tree, open to be looked at.
final class Repository implements Closeable {
    static final String LOCK = ".git/index.lock";

    /// What the lock holds while something is put back. One that a crash has left is known by it.
    static final byte[] OURS = "guardrail puts something back\n".getBytes(UTF_8);

    private static final int FILE_BYTES = 64 * 1024 * 1024;

    /// Most that may be neither committed nor staged.
    private static final int CONTENT_BYTES = 600 * 1024;

    private static final Set<String> EXTENSIONS =
            Set.of("extensions.objectformat", "extensions.worktreeconfig", "extensions.preciousobjects");

    /// Files of `.git` that say what git is in the middle of, or what it stashed.
    private static final List<String> RECORDS = List.of(
            "AUTO_MERGE",
            "BISECT_ANCESTORS_OK",
            "BISECT_EXPECTED_REV",
            "BISECT_FIRST_PARENT",
            "BISECT_LOG",
            "BISECT_NAMES",
            "BISECT_START",
            "BISECT_TERMS",
            "CHERRY_PICK_HEAD",
            "MERGE_AUTOSTASH",
            "MERGE_HEAD",
            "MERGE_MODE",
            "MERGE_MSG",
            "ORIG_HEAD",
            "REBASE_HEAD",
            "REVERT_HEAD",
            "SQUASH_MSG",
            "logs/refs/stash");

    /// Directories of the same.
    static final List<String> RECORD_FOLDERS = List.of("rebase-apply", "rebase-merge", "sequencer");

    private final Git git;
    private final Tree tree;
    private final boolean all;
    private ObjectFormat format = ObjectFormat.SHA1;
    private Set<String> ignored = Set.of();

    private Repository(Git git, Tree tree, boolean all) {
        this.git = git;
        this.tree = tree;
        this.all = all;
    }

    /// @param root real path of a work tree
    /// @param all true where ignored files belong to it, too
    static Repository open(Path program, Path root, boolean all, RandomGenerator random) throws IOException {
        return new Repository(new Git(program, root), new Tree(root, random), all);
    }

    Git git() {
        return git;
    }

    Tree tree() {
        return tree;
    }

    /// Paths that the last look left out, of directories with `/` at their end.
    Set<String> ignored() {
        return ignored;
    }

    /// Reads all of it.
    ///
    /// @throws Unfit where it could not be put back
    Snapshot read() throws IOException {
        refuseLinked();
        configure();
        String head = line(tree.read(".git/HEAD", FILE_BYTES));
        SortedMap<String, String> refs = refs();
        SortedMap<String, byte[]> records = records();
        byte[] bytes = tree.find(".git/index").isPresent() ? tree.read(".git/index", FILE_BYTES) : new byte[0];
        List<Index.Entry> index = Index.parse(bytes, format);
        if (index.stream().anyMatch(entry -> entry.mode() == Index.REPOSITORY)) throw new Unfit("it has submodules");
        ignored = all ? Set.of() : ignoredNow();
        Walk.Found found = Walk.of(tree, format, ignored);
        return new Snapshot(
                format, head, refs, records, index, found.items(), found.times(), contents(index, found.items()));
    }

    private void refuseLinked() throws IOException {
        if (tree.find(Tree.GIT).filter(PosixFileAttributes::isDirectory).isEmpty())
            throw new Unfit("it has no directory `.git`");
        if (tree.find(".git/commondir").isPresent()) throw new Unfit("it shares what another repository holds");
        if (tree.find(LOCK).isPresent() && !isOurs()) throw Unfit.busy("another git command is at work in it");
    }

    boolean isOurs() throws IOException {
        return Arrays.equals(tree.read(LOCK, FILE_BYTES), OURS);
    }

    /// Objects are named as it says; what would have to be fetched, or lies in another form, is not understood.
    private void configure() throws IOException {
        for (String setting : Git.split(git.ask(new byte[0], "config", "--list", "-z", "--includes"))) {
            String key = setting.lines().findFirst().orElse("").toLowerCase(Locale.ROOT);
            String value = setting.substring(Math.min(setting.length(), key.length() + 1));
            if (key.equals("extensions.objectformat"))
                format = value.equals("sha256") ? ObjectFormat.SHA256 : ObjectFormat.SHA1;
            if (key.startsWith("extensions.") && !EXTENSIONS.contains(key)
                    || key.startsWith("remote.") && (key.endsWith(".promisor") || key.endsWith(".partialclonefilter")))
                throw new Unfit("its configuration has `" + key + "`");
        }
    }

    private static String line(byte[] bytes) throws IOException {
        return Git.text(bytes, 0, bytes.length).strip();
    }

    private SortedMap<String, String> refs() throws IOException {
        List<String> parts =
                Git.split(git.ask(new byte[0], "for-each-ref", "--format=%(refname)%00%(objectname)%00%(symref)%00"));
        var refs = new TreeMap<String, String>();
        for (int i = 0; i + 2 < parts.size(); i += 3) {
            String link = parts.get(i + 2);
            refs.put(parts.get(i).strip(), link.isEmpty() ? parts.get(i + 1) : Snapshot.LINK + link);
        }
        return refs;
    }

    private SortedMap<String, byte[]> records() throws IOException {
        var records = new TreeMap<String, byte[]>();
        for (String name : RECORDS)
            if (tree.find(Tree.GIT + "/" + name)
                    .filter(PosixFileAttributes::isRegularFile)
                    .isPresent()) records.put(name, tree.read(Tree.GIT + "/" + name, CONTENT_BYTES));
        for (String folder : RECORD_FOLDERS) records(folder, records);
        return records;
    }

    private void records(String folder, SortedMap<String, byte[]> records) throws IOException {
        String path = Tree.GIT + "/" + folder;
        if (tree.find(path).filter(PosixFileAttributes::isDirectory).isEmpty()) return;
        try (var directory = tree.open(path)) {
            for (Path entry : directory) {
                String name = folder + "/" + entry.getFileName();
                var found = tree.find(Tree.GIT + "/" + name);
                if (found.filter(PosixFileAttributes::isDirectory).isPresent()) records(name, records);
                else records.put(name, tree.read(Tree.GIT + "/" + name, CONTENT_BYTES));
            }
        }
    }

    private Set<String> ignoredNow() throws IOException {
        return new HashSet<>(Git.split(
                git.ask(new byte[0], "ls-files", "--others", "--ignored", "--exclude-standard", "--directory", "-z")));
    }

    /// What no object holds that the index names.
    private Map<String, byte[]> contents(List<Index.Entry> index, SortedMap<String, Item> items) throws IOException {
        var staged = new HashSet<String>();
        index.stream().filter(entry -> !entry.intended()).forEach(entry -> staged.add(entry.oid()));
        var contents = new HashMap<String, byte[]>();
        int left = CONTENT_BYTES;
        for (var item : items.entrySet()) {
            String oid = item.getValue().oid();
            if (item.getValue().isFolder() || staged.contains(oid) || contents.containsKey(oid)) continue;
            byte[] bytes = tree.read(item.getKey(), FILE_BYTES);
            left -= bytes.length;
            if (left < 0)
                throw Unfit.large("more than " + CONTENT_BYTES + " bytes in it are neither committed nor staged");
            if (!format.blob(bytes).equals(oid)) throw new IOException("a file changes while it is read");
            contents.put(oid, bytes);
        }
        return contents;
    }

    /// Files of a commit, by path; none where there is no commit.
    SortedMap<String, Index.Entry> listing(Optional<String> commit) throws IOException {
        var listing = new TreeMap<String, Index.Entry>();
        if (commit.isEmpty()) return listing;
        byte[] said = git.ask(new byte[0], "ls-tree", "-r", "-z", "--full-tree", commit.get());
        for (String line : Git.split(said)) {
            String[] parts = line.split("[ \t]", 4);
            int mode = Integer.parseInt(parts[0], 8);
            if (mode == Index.REPOSITORY) throw new Unfit("it has submodules");
            listing.put(parts[3], Index.Entry.of(parts[3], mode, parts[2]));
        }
        return listing;
    }

    @Override
    public void close() throws IOException {
        tree.close();
    }
}
