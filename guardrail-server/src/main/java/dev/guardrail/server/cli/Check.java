package dev.guardrail.server.cli;

import dev.guardrail.base.JsonObject;
import dev.guardrail.pack.Diagnostic;
import dev.guardrail.pack.PackReader;
import dev.guardrail.server.wiring.ConfigurationReader;
import dev.guardrail.server.wiring.InvalidConfiguration;
import dev.guardrail.server.wiring.Secrets;
import dev.guardrail.server.wiring.ShippedProfiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `check`: what is wrong with policy files, each finding at its place.
@Command(
        name = "check",
        mixinStandardHelpOptions = true,
        description = "Parse, type-check and lint policy files, and read a configuration.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:nothing found", "1:findings", "2:no such files"})
final class Check implements Callable<Integer> {
    private static final int FINDINGS = 1;
    private static final int UNUSABLE = 2;

    @Parameters(
            arity = "0..*",
            paramLabel = "DIR",
            description = "Files or directories of policies; ./policies by default.")
    private List<Path> roots = List.of();

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "A configuration, checked with the policies that it names where no DIR is given.")
    private @Nullable Path configuration;

    @Option(
            names = "--tools",
            paramLabel = "FILE",
            description = "Tool definitions that `tools pull` wrote: conditions are checked against their schemas.")
    private @Nullable Path tools;

    @Option(names = "--json", description = "One finding a line, in JSON.")
    private boolean json;

    @Override
    public Integer call() {
        try {
            var findings = new ArrayList<Diagnostic>();
            List<Path> files = files(findings);
            for (Path root : files)
                if (!Files.exists(root)) throw new Api.Refused("there is no `" + root + "`; name a file or directory");
            findings.addAll(new PackReader(PulledTools.of(tools))
                    .knowing(ShippedProfiles.profiles())
                    .read(files)
                    .diagnostics());
            findings.forEach(
                    finding -> System.out.println(json ? finding(finding).toString() : finding.render()));
            if (!json) System.out.println(summary(findings));
            return findings.isEmpty() ? 0 : FINDINGS;
        } catch (Api.Refused refused) {
            System.err.println("guardrail: " + Screen.safe(String.valueOf(refused.getMessage())));
            return UNUSABLE;
        }
    }

    /// What is to be read as policy; none where the configuration that would say it cannot be read.
    private List<Path> files(List<Diagnostic> findings) {
        Path named = configuration;
        if (named == null) return roots.isEmpty() ? List.of(Path.of("policies")) : roots;
        try {
            List<Path> policies =
                    ConfigurationReader.read(named, new Secrets(System::getenv)).policies();
            return roots.isEmpty() ? policies : roots;
        } catch (InvalidConfiguration refused) {
            findings.addAll(refused.findings());
            return roots;
        }
    }

    private static String summary(List<Diagnostic> findings) {
        long errors = findings.stream().filter(Diagnostic::isError).count();
        long warnings = findings.size() - errors;
        if (findings.isEmpty()) return "Nothing found.";
        String running = errors > 0 ? " A running guard keeps its last good version." : "";
        return counted(errors, "error") + ", " + counted(warnings, "warning") + "." + running;
    }

    private static String counted(long count, String noun) {
        return count + " " + noun + (count == 1 ? "" : "s");
    }

    static JsonObject finding(Diagnostic finding) {
        return JsonObject.with("severity", finding.severity().text())
                .with("code", finding.code())
                .with("file", finding.file())
                .with("line", finding.line())
                .with("column", finding.column())
                .with("message", finding.message())
                .build();
    }
}
