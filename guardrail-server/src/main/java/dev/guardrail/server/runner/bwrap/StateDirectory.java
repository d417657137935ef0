package dev.guardrail.server.runner.bwrap;

import com.sun.security.auth.module.UnixSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// Where what belongs to sandboxes lies while they run, for all guards of an account: no longer than the machine runs.
public final class StateDirectory {
    private StateDirectory() {}

    public static Path standard() {
        var system = new UnixSystem();
        if (system.getUid() == 0) return Path.of("/run/guardrail/sandboxes");
        return Optional.ofNullable(System.getenv("XDG_RUNTIME_DIR"))
                .map(Path::of)
                .filter(Files::isDirectory)
                .map(directory -> directory.resolve("guardrail-sandboxes"))
                .orElseGet(
                        () -> Path.of(System.getProperty("java.io.tmpdir"), "guardrail-sandboxes-" + system.getUid()));
    }
}
