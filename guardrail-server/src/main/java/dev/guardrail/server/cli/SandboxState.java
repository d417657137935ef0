package dev.guardrail.server.cli;

import com.sun.security.auth.module.UnixSystem;
import dev.guardrail.base.IdSource;
import dev.guardrail.server.runner.bwrap.BubblewrapSandbox;
import dev.guardrail.server.runner.bwrap.Previews;
import dev.guardrail.server.runner.bwrap.StateDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Where what belongs to sandboxes is, as options say.
final class SandboxState {
    @Option(
            names = "--state",
            paramLabel = "DIR",
            description = "Private directory for what belongs to sandboxes while they run.")
    private @Nullable Path state;

    @Option(
            names = "--views",
            paramLabel = "DIR",
            description = "Private directory for copies of workspaces, and for what it takes to take a commit back.")
    private @Nullable Path views;

    private final SecureRandom random = new SecureRandom();
    private final IdSource ids = IdSource.of(Clock.systemUTC(), random);

    BubblewrapSandbox sandbox() throws IOException {
        return BubblewrapSandbox.open(state == null ? StateDirectory.standard() : state, System.getenv(), ids);
    }

    Previews previews(BubblewrapSandbox sandbox) throws IOException {
        Path own = views == null ? standardViews() : views;
        var previews = Previews.open(sandbox, own, Clock.systemUTC(), random, ids);
        previews.stuck().forEach(words -> System.err.println("guardrail: " + Screen.safe(words)));
        return previews;
    }

    /// Where directories go that last longer.
    private static Path standardViews() {
        if (new UnixSystem().getUid() == 0) return Path.of("/var/lib/guardrail/previews");
        return Optional.ofNullable(System.getenv("XDG_STATE_HOME"))
                .map(Path::of)
                .filter(Path::isAbsolute)
                .orElseGet(() -> Path.of(System.getProperty("user.home"), ".local", "state"))
                .resolve("guardrail-previews");
    }
}
