package dev.guardrail.server.wiring;

import dev.guardrail.base.Printable;
import dev.guardrail.call.Confinement;
import dev.guardrail.sandbox.Profile;
import dev.guardrail.sandbox.Sandbox;
import dev.guardrail.server.runner.NoSandbox;
import dev.guardrail.server.runner.Shell;
import dev.guardrail.server.runner.bwrap.BubblewrapSandbox;
import dev.guardrail.server.runner.bwrap.StateDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Makes what runs commands of workspaces: one sandbox for all of them, and the guard's own files kept out of it.
///
/// @param own files and directories of the guard
record Shells(Sandbox sandbox, Function<Confinement, Optional<Profile>> profiles, List<Path> own) {
    private static final Logger LOG = LoggerFactory.getLogger(Shells.class);

    static Shells open(Configuration configuration, Clocks clocks, Function<Confinement, Optional<Profile>> profiles) {
        List<Path> own = Stream.of(
                        configuration.origin().stream(),
                        Stream.of(configuration.data()),
                        configuration.signingKey().stream(),
                        configuration.policies().stream())
                .flatMap(paths -> paths)
                .toList();
        return new Shells(sandbox(clocks), profiles, own);
    }

    /// One that cannot be opened refuses every command; all else goes on.
    private static Sandbox sandbox(Clocks clocks) {
        try {
            return BubblewrapSandbox.open(StateDirectory.standard(), System.getenv(), clocks.ids());
        } catch (IOException unusable) {
            LOG.warn("no command can be run in a sandbox: {}", Printable.text(String.valueOf(unusable.getMessage())));
            return new NoSandbox(new Sandbox.Refusal(
                    "`" + StateDirectory.standard() + "`, where sandboxes are kept, cannot be used",
                    "let the guard's user own it"));
        }
    }

    Shell of(Path root) {
        return new Shell(
                root, sandbox, profiles, place -> own.stream().anyMatch(file -> Enclosures.within(file, place)));
    }
}
