package dev.guardrail.server.cli;

import dev.guardrail.pack.Diagnostic;
import dev.guardrail.server.wiring.Clocks;
import dev.guardrail.server.wiring.Configuration;
import dev.guardrail.server.wiring.ConfigurationReader;
import dev.guardrail.server.wiring.EmbeddedDefaults;
import dev.guardrail.server.wiring.InvalidConfiguration;
import dev.guardrail.server.wiring.Secrets;
import dev.guardrail.server.wiring.Sidecar;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `serve`: runs the sidecar until it is told to stop.
@Command(name = "serve", mixinStandardHelpOptions = true, description = "Run the sidecar.")
final class Serve implements Callable<Integer> {
    /// Exit code for a configuration that nothing runs on.
    static final int BAD_CONFIGURATION = 2;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "Configuration; guardrail.yaml where there is one, else embedded defaults.")
    private @Nullable Path file;

    @Override
    public Integer call() throws IOException, InterruptedException {
        Sidecar sidecar;
        try {
            var secrets = new Secrets(System::getenv);
            sidecar = Sidecar.start(configuration(secrets), secrets, Clocks.system());
        } catch (InvalidConfiguration refused) {
            for (Diagnostic finding : refused.findings()) System.err.println(finding.render());
            return BAD_CONFIGURATION;
        }
        var ended = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> end(sidecar, ended), "guardrail-stop"));
        System.out.println("guardrail is ready at " + sidecar.url());
        ended.await();
        return 0;
    }

    private Configuration configuration(Secrets secrets) throws InvalidConfiguration {
        Path named = file;
        if (named != null) return ConfigurationReader.read(named, secrets);
        Path usual = Path.of("guardrail.yaml");
        return Files.exists(usual)
                ? ConfigurationReader.read(usual, secrets)
                : EmbeddedDefaults.configuration(Path.of("."));
    }

    private static void end(Sidecar sidecar, CountDownLatch ended) {
        try {
            sidecar.close();
        } catch (IOException unclean) {
            System.err.println("guardrail: the data was not closed cleanly; the next start recovers it");
        } finally {
            ended.countDown();
        }
    }
}
