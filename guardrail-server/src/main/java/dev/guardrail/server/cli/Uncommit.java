package dev.guardrail.server.cli;

import dev.guardrail.sandbox.Commit;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// `uncommit`: takes back what `run --preview` has committed.
@Command(
        name = "uncommit",
        mixinStandardHelpOptions = true,
        description = {
            "Take back what `run --preview` has committed.",
            "Where somebody changed any of it since, nothing is taken back."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:all of it is as it was before",
            "121:somebody changed it since; what, is told",
            "122:it cannot be taken back; why, is told"
        })
final class Uncommit implements Callable<Integer> {
    @Mixin
    private SandboxState own = new SandboxState();

    @Parameters(paramLabel = "ID", description = "As `run` said when it committed.")
    private String id = "";

    @Override
    public Integer call() {
        try {
            return switch (own.previews(own.sandbox()).undo(id)) {
                case Commit.Done done -> 0;
                case Commit.Conflict(List<String> places) -> {
                    places.forEach(place -> say("`" + place + "` was changed since; nothing was taken back"));
                    yield PreviewRun.CONFLICT;
                }
                case Commit.Refused(List<String> why) -> {
                    why.forEach(Uncommit::say);
                    yield PreviewRun.UNFIT;
                }
            };
        } catch (IOException broken) {
            say(String.valueOf(broken.getMessage()));
            return PreviewRun.UNFIT;
        }
    }

    private static void say(String words) {
        System.err.println("guardrail: " + Screen.safe(words));
    }
}
