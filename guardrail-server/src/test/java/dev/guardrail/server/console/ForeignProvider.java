package dev.guardrail.server.console;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/// An identity provider that others wrote (`oidc-provider` of npm), on loopback, as `.ci/issuer` sets it up. Where it
/// is
/// not installed, tests that need it are skipped, but not where everything has to be tested (`CI=true`).
final class ForeignProvider implements AutoCloseable {
    private static final Path PROGRAM = Path.of("target/issuer/issuer.mjs");

    private final Process process;
    final String issuer;

    private ForeignProvider(Process process, String issuer) {
        this.process = process;
        this.issuer = issuer;
    }

    /// @param url of the guard
    /// @param secret file with the client's secret
    /// @param groups of people, as a JSON object of lists
    static ForeignProvider start(String url, Path secret, String groups) throws IOException {
        boolean there = Files.isDirectory(PROGRAM.resolveSibling("node_modules/oidc-provider"));
        if (!there && "true".equals(System.getenv("CI")))
            throw new IllegalStateException("no identity provider here, and CI=true: run .ci/issuer/install");
        Assumptions.assumeTrue(there, "no identity provider here, so nobody signs in at one: run .ci/issuer/install");
        Process process = new ProcessBuilder(
                        "node",
                        PROGRAM.toString(),
                        url + "/console/sign-in/return",
                        url + "/console/sign-in",
                        secret.toString(),
                        groups)
                .redirectError(secret.resolveSibling("provider.log").toFile())
                .start();
        var output = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        String issuer = output.readLine();
        if (issuer == null)
            throw new IllegalStateException(
                    "the identity provider did not start: " + Files.readString(secret.resolveSibling("provider.log")));
        return new ForeignProvider(process, issuer);
    }

    @Override
    public void close() throws IOException {
        process.getOutputStream().close();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) process.destroyForcibly();
        } catch (InterruptedException stopped) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
