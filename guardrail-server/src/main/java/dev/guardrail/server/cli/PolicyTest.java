package dev.guardrail.server.cli;

import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.call.ToolDefinition;
import dev.guardrail.pack.Diagnostic;
import dev.guardrail.pack.PackReader;
import dev.guardrail.pack.PackTest;
import dev.guardrail.pack.PolicyPack;
import dev.guardrail.policy.Rule;
import dev.guardrail.server.wiring.ShippedProfiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `policy-test`: runs the cases that policies promise to keep.
@Command(
        name = "policy-test",
        mixinStandardHelpOptions = true,
        description = "Run PolicyTest files, and say which rules no case shows at work.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:every case kept", "1:a case failed, or the files have errors", "2:no such files"})
final class PolicyTest implements Callable<Integer> {
    private static final int FAILED = 1;
    private static final int UNUSABLE = 2;

    @Parameters(
            arity = "0..*",
            paramLabel = "DIR",
            description = "Files or directories of policies and their tests; ./policies by default.")
    private List<Path> roots = List.of();

    @Option(names = "--tools", paramLabel = "FILE", description = "Tool definitions that `tools pull` wrote.")
    private @Nullable Path tools;

    @Option(names = "--junit", paramLabel = "FILE", description = "Write the results as JUnit XML, too.")
    private @Nullable Path junit;

    @Option(names = "--json", description = "Answer in JSON.")
    private boolean json;

    @Override
    public Integer call() {
        try {
            List<Path> files = roots.isEmpty() ? List.of(Path.of("policies")) : roots;
            for (Path root : files)
                if (!Files.exists(root)) throw new Api.Refused("there is no `" + root + "`; name a file or directory");
            List<ToolDefinition> pinned = PulledTools.of(tools);
            PolicyPack pack =
                    new PackReader(pinned).knowing(ShippedProfiles.profiles()).read(files);
            if (!pack.isSound()) {
                pack.diagnostics().stream()
                        .filter(Diagnostic::isError)
                        .forEach(error ->
                                System.out.println(json ? Check.finding(error).toString() : error.render()));
                return FAILED;
            }
            return told(new PackTest(pack, pinned).run());
        } catch (Api.Refused refused) {
            System.err.println("guardrail: " + Screen.safe(String.valueOf(refused.getMessage())));
            return UNUSABLE;
        }
    }

    private int told(PackTest.Report report) throws Api.Refused {
        Path file = junit;
        if (file != null) write(file, JunitXml.of(report));
        if (json) System.out.println(asJson(report));
        else print(report);
        return report.kept() ? 0 : FAILED;
    }

    private static void print(PackTest.Report report) {
        for (PackTest.Result result : report.results()) {
            if (result.kept()) continue;
            System.out.println("FAILED " + result.promise().position() + ": "
                    + Screen.safe(result.promise().name()));
            result.failures().forEach(failure -> System.out.println("  " + Screen.safe(failure)));
        }
        report.silent().forEach(rule -> System.out.println(uncovered(rule, "determines no case")));
        report.unopposed().forEach(rule -> System.out.println(uncovered(rule, "is never shown not to apply")));
        long kept = report.results().stream().filter(PackTest.Result::kept).count();
        System.out.println(kept + " of " + report.results().size() + " cases kept.");
    }

    private static String uncovered(Rule rule, String how) {
        return rule.position() + ": `" + rule.id() + "` " + how;
    }

    private static JsonObject asJson(PackTest.Report report) {
        var results = report.results().stream()
                .<dev.guardrail.base.Json>map(
                        result -> JsonObject.with("name", result.promise().name())
                                .with("position", result.promise().position())
                                .with("kept", result.kept())
                                .with("failures", JsonArray.ofTexts(result.failures()))
                                .build())
                .toList();
        return JsonObject.with("kept", dev.guardrail.base.JsonBoolean.of(report.kept()))
                .with("cases", new JsonArray(results))
                .with("silent", ids(report.silent()))
                .with("unopposed", ids(report.unopposed()))
                .build();
    }

    private static JsonArray ids(List<Rule> rules) {
        return JsonArray.ofTexts(rules.stream().map(rule -> rule.id().value()).toList());
    }

    private static void write(Path file, String text) throws Api.Refused {
        try {
            Files.writeString(file, text);
        } catch (IOException unwritable) {
            throw new Api.Refused("`" + file + "` cannot be written");
        }
    }
}
