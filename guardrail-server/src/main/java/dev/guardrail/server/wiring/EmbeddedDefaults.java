package dev.guardrail.server.wiring;

import dev.guardrail.approval.ApprovalDesk;
import dev.guardrail.server.wiring.Configuration.Server;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What a guard runs on where nobody configured anything: loopback, data and workspace below one directory, the starter
/// policy, and nobody with a key.
public final class EmbeddedDefaults {
    private EmbeddedDefaults() {}

    /// @param base directory that `data` and `workspace` lie in
    public static Configuration configuration(Path base) {
        Path home = base.toAbsolutePath().normalize();
        return new Configuration(
                Optional.empty(),
                new Configuration.Listen(ListenReader.HOST, ListenReader.PORT, Optional.empty(), Optional.empty()),
                home.resolve("data"),
                Optional.empty(),
                List.of(),
                Map.of("workspace", new Server.Workspace(home.resolve("workspace"))),
                List.of(),
                Set.of(),
                Configuration.Limits.DEFAULT,
                Duration.ofSeconds(20),
                ApprovalDesk.SHARE,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Map.of(),
                Optional.empty());
    }
}
