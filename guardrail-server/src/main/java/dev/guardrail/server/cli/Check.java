package dev.guardrail.server.cli;

import dev.guardrail.base.JsonObject;
import dev.guardrail.pack.Diagnostic;
import dev.guardrail.pack.PackReader;
import java.nio.file.Files;
import java.nio.file.Path;
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
        description = "Parse, type-check and lint policy files.",
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
            names = "--tools",
            paramLabel = "FILE",
            description = "Tool definitions that `tools pull` wrote: conditions are checked against their schemas.")
    private @Nullable Path tools;

    @Option(names = "--json", description = "One finding a line, in JSON.")
    private boolean json;

    @Override
    public Integer call() {
        try {
            List<Path> files = roots.isEmpty() ? List.of(Path.of("policies")) : roots;
            for (Path root : files)
                if (!Files.exists(root)) throw new Api.Refused("there is no `" + root + "`; name a file or directory");
            List<Diagnostic> findings =
                    new PackReader(PulledTools.of(tools)).read(files).diagnostics();
            findings.forEach(
                    finding -> System.out.println(json ? finding(finding).toString() : finding.render()));
            if (!json) System.out.println(summary(findings));
            return findings.isEmpty() ? 0 : FINDINGS;
        } catch (Api.Refused refused) {
            System.err.println("guardrail: " + Screen.safe(String.valueOf(refused.getMessage())));
            return UNUSABLE;
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
