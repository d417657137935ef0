package dev.guardrail.server.runner.bwrap;

import dev.guardrail.sandbox.Sandbox.Refusal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// The programs of the system that a sandbox is made with, found in directories that only root writes.
///
/// @param directories in which they are looked for, in this order
record Programs(List<Path> directories) {
    static final Programs OF_THE_SYSTEM = new Programs(List.of(Path.of("/usr/bin"), Path.of("/bin")));

    /// What a sandbox is made with, and the Debian package that brings it.
    private enum Needed {
        SH("sh", "dash"),
        BUBBLEWRAP("bwrap", "bubblewrap"),
        PRLIMIT("prlimit", "util-linux"),
        SETPRIV("setpriv", "util-linux"),
        CP("cp", "coreutils");

        private final String name;
        private final String debianPackage;

        Needed(String name, String debianPackage) {
            this.name = name;
            this.debianPackage = debianPackage;
        }
    }

    Programs {
        directories = List.copyOf(directories);
    }

    /// Why there can be no sandbox; empty where all of them are there.
    Optional<Refusal> missing() {
        for (Needed needed : Needed.values())
            if (find(needed.name).isEmpty())
                return Optional.of(new Refusal(
                        "`" + needed.name + "` is not installed",
                        "install the package `" + needed.debianPackage + "` (Debian, Ubuntu: apt-get install "
                                + needed.debianPackage + ")"));
        return Optional.empty();
    }

    String sh() {
        return path(Needed.SH);
    }

    String bubblewrap() {
        return path(Needed.BUBBLEWRAP);
    }

    String prlimit() {
        return path(Needed.PRLIMIT);
    }

    String setpriv() {
        return path(Needed.SETPRIV);
    }

    String cp() {
        return path(Needed.CP);
    }

    /// The first words of a command line that becomes somebody else than root.
    List<String> as(Account account) {
        return List.of(
                setpriv(),
                "--reuid=" + account.uid(),
                "--regid=" + account.gid(),
                "--clear-groups",
                "--no-new-privs",
                "--inh-caps=-all",
                "--");
    }

    private String path(Needed needed) {
        return find(needed.name)
                .orElseThrow(() -> new IllegalStateException("`" + needed.name + "` is gone"))
                .toString();
    }

    private Optional<Path> find(String name) {
        return directories.stream()
                .map(directory -> directory.resolve(name))
                .filter(Files::isExecutable)
                .findFirst();
    }
}
