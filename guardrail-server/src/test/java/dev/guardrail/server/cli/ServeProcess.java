package dev.guardrail.server.cli;

import dev.guardrail.server.wiring.Served;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// `serve` in a process of its own, with the keys of [Served].
final class ServeProcess {
    private ServeProcess() {}

    /// @param directory where `guardrail.yaml` lies
    /// @param err where its standard error goes
    static Process start(Path directory, Path err) throws IOException {
        var builder = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "dev.guardrail.server.cli.Guardrail",
                        "serve"))
                .directory(directory.toFile())
                .redirectError(err.toFile());
        builder.environment().putAll(Served.environment());
        return builder.start();
    }
}
