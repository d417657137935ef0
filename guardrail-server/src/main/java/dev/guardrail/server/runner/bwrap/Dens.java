package dev.guardrail.server.runner.bwrap;

import com.sun.security.auth.module.UnixSystem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// The directory of all sandboxes of a guard's account, which survives processes.
record Dens(Path state) {
    private static final String DENS = "dens";
    private static final String USERS = "users";
    private static final int OTHERS_WRITE = 0022;

    /// @throws IOException where it cannot be made, or belongs to somebody else
    static Dens open(Path state) throws IOException {
        var passing = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx--x--x"));
        Files.createDirectories(state, passing);
        Path real = state.toRealPath();
        int owner = (int) Files.getAttribute(real, "unix:uid", LinkOption.NOFOLLOW_LINKS);
        int mode = (int) Files.getAttribute(real, "unix:mode", LinkOption.NOFOLLOW_LINKS);
        if (owner != new UnixSystem().getUid() || (mode & OTHERS_WRITE) != 0)
            throw new IOException("`" + real + "` belongs to somebody else, or others can write it");
        for (String name : List.of(DENS, USERS)) Files.createDirectories(real.resolve(name), passing);
        return new Dens(real);
    }

    Den create(String id) throws IOException {
        return Den.create(state.resolve(DENS), id, Den.owner(ProcessHandle.current()));
    }

    Den of(String id) {
        return new Den(state.resolve(DENS).resolve(id));
    }

    Covers covers() {
        return new Covers(state.resolve(DENS));
    }

    UidPool users() {
        return new UidPool(state.resolve(USERS));
    }

    /// Ids of sandboxes whose process is gone.
    List<String> orphans() throws IOException {
        var orphans = new ArrayList<String>();
        try (Stream<Path> dens = Files.list(state.resolve(DENS))) {
            for (Path den : dens.filter(Files::isDirectory).toList())
                if (!new Den(den).isOwned()) orphans.add(den.getFileName().toString());
        }
        return orphans;
    }
}
