package dev.guardrail.server.runner.bwrap;

import com.sun.security.auth.module.UnixSystem;
import dev.guardrail.sandbox.Profile;
import dev.guardrail.sandbox.Sandbox.Refusal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Whom the kernel takes a sandboxed process for. Never root: the files of `/proc/sys` belong to root, whatever it
/// has been stripped of.
///
/// @param switched true where the guard is root and has to become somebody else first
record Account(int uid, int gid, boolean switched) {
    Account {
        if (uid == 0 || gid == 0) throw new IllegalArgumentException("a sandbox is never root's");
    }

    /// Who runs what writes in these directories.
    sealed interface Choice {
        record Known(Account account) implements Choice {}

        /// Somebody of the pool: nothing of anybody is written.
        record Anybody() implements Choice {}

        record Refused(Refusal refusal) implements Choice {}
    }

    static boolean isRoot() {
        return new UnixSystem().getUid() == 0;
    }

    /// The guard's own account; or, where that is root, the owner of what is written.
    ///
    /// @param written directories that are there
    static Choice of(List<Path> written) throws IOException {
        var system = new UnixSystem();
        if (system.getUid() != 0) {
            if (system.getGid() == 0)
                return new Choice.Refused(
                        new Refusal("the guard runs in root's group", "start it in a group of its own"));
            return new Choice.Known(new Account((int) system.getUid(), (int) system.getGid(), false));
        }
        Optional<Account> owner = Optional.empty();
        for (Path directory : written) {
            int uid = (int) Files.getAttribute(directory, "unix:uid");
            int gid = (int) Files.getAttribute(directory, "unix:gid");
            if (uid == 0)
                return new Choice.Refused(new Refusal(
                        "`" + directory + "` belongs to root, and nothing in a sandbox runs as root",
                        "give it to a user of its own (chown)"));
            var found = new Account(uid, gid == 0 ? uid : gid, true);
            if (owner.isPresent() && owner.get().uid() != uid)
                return new Choice.Refused(new Refusal(
                        "directories of the profile `write` belong to several users", "let one user own them"));
            owner = Optional.of(found);
        }
        return owner.<Choice>map(Choice.Known::new).orElseGet(Choice.Anybody::new);
    }

    /// Where [Profile#WORKSPACE] and other names of a profile lie.
    static Path place(String path, Path workspace) {
        return path.equals(Profile.WORKSPACE) ? workspace : Path.of(path);
    }
}
