package dev.guardrail.server.cli;

import dev.guardrail.base.JsonObject;
import dev.guardrail.pack.Diagnostic;
import dev.guardrail.server.wiring.Clocks;
import dev.guardrail.server.wiring.Configuration;
import dev.guardrail.server.wiring.ConfigurationReader;
import dev.guardrail.server.wiring.EmbeddedDefaults;
import dev.guardrail.server.wiring.InvalidConfiguration;
import dev.guardrail.server.wiring.Secrets;
import dev.guardrail.server.wiring.Sidecar;
import dev.guardrail.server.wiring.Signals;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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

    @Option(names = "--json", description = "Say in JSON where it is reached, and what is wrong with a configuration.")
    private boolean json;

    @Override
    public Integer call() throws IOException, InterruptedException {
        Sidecar sidecar;
        try {
            var secrets = new Secrets(System::getenv);
            var configuration = configuration(secrets);
            if (configuration.principals().isEmpty())
                System.err.println(
                        "guardrail: nobody has a key, so nobody can do anything; name agents and operators in"
                                + " guardrail.yaml, or try: ./guardrail demo");
            sidecar = Sidecar.start(configuration, secrets, Clocks.system());
        } catch (InvalidConfiguration refused) {
            for (Diagnostic finding : refused.findings())
                System.err.println(json ? Check.finding(finding).toString() : finding.render());
            return BAD_CONFIGURATION;
        }
        var told = new CountDownLatch(1);
        for (String signal : List.of("TERM", "INT")) Signals.on(signal, told::countDown);
        // Where signals are not listened to, the JVM ends by itself and runs this.
        Runtime.getRuntime().addShutdownHook(new Thread(() -> end(sidecar), "guardrail-stop"));
        String url = sidecar.url().toString();
        System.out.println(json ? JsonObject.with("url", url).build().toString() : "guardrail is ready at " + url);
        told.await();
        end(sidecar);
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

    private static void end(Sidecar sidecar) {
        try {
            sidecar.close();
        } catch (IOException unclean) {
            System.err.println("guardrail: the data was not closed cleanly; the next start recovers it");
        }
    }
}
