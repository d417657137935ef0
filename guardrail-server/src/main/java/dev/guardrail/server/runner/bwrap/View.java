package dev.guardrail.server.runner.bwrap;

import dev.guardrail.sandbox.Profile;
import dev.guardrail.sandbox.Sandbox.Refusal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Which of the host's files a sandbox sees, as real paths that are there.
///
/// @param read paths that are only read
/// @param written directories of the profile's `write`, in its order, or what stands in for them
/// @param shown where the command sees each of those
record View(Path workspace, List<Path> read, List<Path> written, List<Path> shown) {
    /// Links and directories beside `/usr` that programs expect.
    private static final List<String> BESIDE_USR = List.of("bin", "sbin", "lib", "lib64", "lib32", "libx32");

    /// What the loader and many programs read, and nobody hides.
    private static final List<String> OF_ETC = List.of(
            "/etc/ld.so.cache",
            "/etc/ld.so.conf",
            "/etc/ld.so.conf.d",
            "/etc/alternatives",
            "/etc/localtime",
            "/etc/nsswitch.conf");

    View {
        read = List.copyOf(read);
        written = List.copyOf(written);
        shown = List.copyOf(shown);
    }

    /// The same to the command, which writes somewhere else.
    ///
    /// @param instead one for each that it writes in
    View in(List<Path> instead) {
        return new View(workspace, read, instead, shown);
    }

    /// Where the command sees something that lies in what it writes.
    Path shown(Path path) {
        for (int i = 0; i < written.size(); i++)
            if (path.startsWith(written.get(i)))
                return shown.get(i).resolve(written.get(i).relativize(path));
        return path;
    }

    sealed interface Found {
        record Seen(View view) implements Found {}

        record Refused(Refusal refusal) implements Found {}
    }

    /// @param state directory of all sandboxes, which none of them sees
    static Found of(Profile profile, Path workspace, Path state) throws IOException {
        if (!workspace.isAbsolute() || !Files.isDirectory(workspace))
            return refused("`" + workspace + "` is no directory", "start the command for one that is there");
        Path home = workspace.toRealPath();
        if (home.toString().chars().anyMatch(Character::isISOControl))
            return refused("the workspace's path has control characters", "rename it");
        var read = new ArrayList<Path>();
        for (String path : profile.files().read()) {
            Path place = Account.place(path, home);
            if (!Files.exists(place))
                return refused("`" + place + "`, which the profile reads, is not there", "make it");
            if (overlaps(place.toRealPath(), state))
                return refused(
                        "`" + place + "` holds what sandboxes are made of, with others' variables",
                        "let the profile read something else, or keep that elsewhere (`--state`)");
            read.add(place);
        }
        if (!read.contains(Path.of("/usr")))
            return refused("the profile reads no `/usr`, where programs are", "add `/usr` to its `fs.read`");
        var written = new ArrayList<Path>();
        for (Profile.Write write : profile.files().write()) {
            Path place = Account.place(write.path(), home);
            if (!Files.isDirectory(place))
                return refused("`" + place + "`, which the profile writes in, is no directory", "make it");
            Path real = place.toRealPath();
            if (!real.equals(place))
                return refused("`" + place + "` is reached by a link", "name `" + real + "` in the profile");
            Optional<Refusal> closed = closed(real, state);
            if (closed.isPresent()) return new Found.Refused(closed.get());
            written.add(real);
        }
        return new Found.Seen(new View(home, read, written, written));
    }

    private static Found refused(String why, String mend) {
        return new Found.Refused(new Refusal(why, mend));
    }

    /// True where one of them is the other, or lies in it.
    private static boolean overlaps(Path place, Path state) {
        return state.startsWith(place) || place.startsWith(state);
    }

    /// Nothing from which the machine, or the sandbox itself, is made can be written.
    private static Optional<Refusal> closed(Path written, Path state) {
        if (written.getNameCount() == 0 || overlaps(written, state))
            return Optional.of(new Refusal(
                    "`" + written + "` holds what sandboxes are made of", "let the profile write somewhere else"));
        for (String place :
                List.of("/usr", "/etc", "/bin", "/sbin", "/lib", "/lib64", "/boot", "/proc", "/sys", "/dev"))
            if (written.startsWith(place))
                return Optional.of(
                        new Refusal("`" + written + "` is the machine's own", "let the profile write somewhere else"));
        return Optional.empty();
    }

    /// What bubblewrap is told of the root of the file system, in its order.
    ///
    /// @param measures for protected names
    List<String> mounts(Profile profile, Den den, List<Protection.Measure> measures) throws IOException {
        String tmp = Long.toString(profile.files().tmpBytes());
        var mounts = new ArrayList<>(List.of("--proc", "/proc", "--dev", "/dev"));
        mounts.addAll(List.of("--perms", "1777", "--size", tmp, "--tmpfs", "/dev/shm", "--remount-ro", "/dev"));
        mounts.addAll(List.of("--perms", "1777", "--size", tmp, "--tmpfs", "/tmp", "--dir", "/etc"));
        for (String file : OF_ETC) mounts.addAll(List.of("--ro-bind-try", file, file));
        for (String file : List.of("passwd", "group"))
            mounts.addAll(List.of("--ro-bind", den.file(file).toString(), "/etc/" + file));
        for (String name : BESIDE_USR) {
            Path place = Path.of("/", name);
            if (Files.isSymbolicLink(place))
                mounts.addAll(List.of("--symlink", Files.readSymbolicLink(place).toString(), place.toString()));
            else if (Files.isDirectory(place)) mounts.addAll(List.of("--ro-bind", place.toString(), place.toString()));
        }
        for (Path path : read) mounts.addAll(List.of("--ro-bind", path.toString(), path.toString()));
        for (int i = 0; i < written.size(); i++)
            mounts.addAll(
                    List.of("--bind", written.get(i).toString(), shown.get(i).toString()));
        for (Protection.Measure measure : measures) {
            String path = measure.path().toString();
            String place = shown(measure.path()).toString();
            mounts.addAll(
                    switch (measure) {
                        case Protection.Measure.Pin pin -> List.of("--bind", path, place);
                        case Protection.Measure.Freeze freeze -> List.of("--ro-bind", path, place);
                        case Protection.Measure.Cover cover ->
                            List.of("--ro-bind", den.file("empty").toString(), place);
                    });
        }
        mounts.addAll(List.of("--remount-ro", "/"));
        return mounts;
    }

    /// True where the workspace is seen, and so can be the current directory.
    boolean seesWorkspace() {
        return read.stream().anyMatch(workspace::startsWith) || shown.stream().anyMatch(workspace::startsWith);
    }
}
