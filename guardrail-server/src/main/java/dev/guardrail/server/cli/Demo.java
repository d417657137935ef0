package dev.guardrail.server.cli;

import dev.guardrail.base.JsonObject;
import dev.guardrail.pack.Diagnostic;
import dev.guardrail.server.wiring.Clocks;
import dev.guardrail.server.wiring.ConfigurationReader;
import dev.guardrail.server.wiring.InvalidConfiguration;
import dev.guardrail.server.wiring.Secrets;
import dev.guardrail.server.wiring.Sidecar;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `demo`: a sidecar on embedded defaults, and a scripted agent that makes an allowed, a denied, a held
/// and an undone call.
@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        description = {
            "Watch a scripted agent work through the guard: a call that runs, one that is denied, one that waits for you,",
            "and one that is undone.",
            "Needs nothing but a JDK. Without a terminal it plays the operator, too, and ends by itself."
        })
final class Demo implements Callable<Integer> {
    private static final String WAIT = "20s";

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "Where it keeps its data, keys and workspace; a fresh temporary directory by default.")
    private @Nullable Path directory;

    @Option(names = "--port", defaultValue = "0", description = "Port on loopback; any free one by default.")
    private int port;

    @Option(names = "--json", description = "One answer of the guard a line, in JSON, and nothing else.")
    private boolean json;

    @Override
    public Integer call() throws IOException, InterruptedException {
        Path named = directory;
        var stage = DemoStage.set(
                named == null ? Files.createTempDirectory("guardrail-demo-") : named.toAbsolutePath(), port);
        var secrets = new Secrets(System::getenv);
        try (var sidecar =
                Sidecar.start(ConfigurationReader.read(stage.configuration(), secrets), secrets, Clocks.system())) {
            play(stage, sidecar);
            return 0;
        } catch (InvalidConfiguration refused) {
            for (Diagnostic finding : refused.findings()) System.err.println(finding.render());
            return Serve.BAD_CONFIGURATION;
        } catch (Api.Refused refused) {
            System.err.println("guardrail: " + Screen.safe(String.valueOf(refused.getMessage())));
            return 1;
        }
    }

    private void play(DemoStage stage, Sidecar sidecar) throws IOException, Api.Refused, InterruptedException {
        Api agent = Api.of(sidecar.url(), stage.agentKey());
        Api operator = Api.of(sidecar.url(), stage.operatorKey());
        say("The guard runs at " + sidecar.url() + " on " + stage.directory());
        say("");
        say("1. The agent writes a file inside its workspace. The starter policy allows it:");
        JsonObject written = propose(
                agent,
                "workspace.fs_write",
                JsonObject.with("path", "notes.txt")
                        .with("content", "Milk, eggs, bread.\n")
                        .build());
        tell(written);
        say("2. It tries to write a git hook. Policy denies it, whoever asks:");
        tell(propose(
                agent,
                "workspace.fs_write",
                JsonObject.with("path", ".git/hooks/pre-commit")
                        .with("content", "#!/bin/sh\n")
                        .build()));
        say("3. It wants to delete the file. The starter policy asks a person:");
        JsonObject held = propose(
                agent,
                "workspace.fs_delete",
                JsonObject.with("path", "notes.txt").build());
        tell(held);
        String ticket = held.object("approval")
                .flatMap(approval -> approval.text("id"))
                .orElseThrow(() -> new Api.Refused("the demo's third call was not held; is --data of an older demo?"));
        decide(stage, sidecar, operator, ticket);
        String call = held.text("callId").orElseThrow();
        boolean deleted = finish(agent, call);
        String last = deleted ? call : written.text("callId").orElseThrow();
        undo(agent, operator, last, deleted ? "deleting the file" : "writing the file");
        say("Everything above is in a log that proves itself. Once the demo has ended, check it:");
        say("   ./guardrail verify --config " + stage.configuration());
        if (terminal()) stay(sidecar, last);
    }

    /// Leaves the console open, until whoever watches has seen enough.
    private void stay(Sidecar sidecar, String call) throws IOException {
        say("");
        say(
                "The guard goes on, so that you can look around. What the log holds on this call, each entry with its proof:");
        say("   " + sidecar.url() + "/console/audit?q=call:" + call);
        say("");
        say("Enter ends the demo.");
        int read;
        do {
            read = System.in.read();
        } while (read != '\n' && read >= 0);
    }

    private void decide(DemoStage stage, Sidecar sidecar, Api operator, String ticket) throws Api.Refused {
        String command = "./guardrail approvals approve " + ticket + " --url " + sidecar.url() + " --key-file "
                + stage.operatorKeyFile();
        say("Look at it, then decide, in a browser (the link signs you in once, within a minute) …");
        say("   " + ConsoleLink.link(operator).text("url").orElse(""));
        say("… or type the key in " + stage.operatorKeyFile() + " at " + sidecar.url()
                + "/console, or in another terminal:");
        say("   " + command.replace("approvals approve", "approvals show"));
        say("   " + command);
        say("");
        if (terminal()) {
            say("Waiting for you (Ctrl-C ends the demo) …");
            return;
        }
        say("There is no terminal here, so the demo plays the operator and approves it.");
        JsonObject approval = operator.get("/v1/approvals/" + ticket);
        operator.post(
                "/v1/approvals/" + ticket + "/approve",
                JsonObject.with(
                                "argumentsDigest",
                                approval.text("argumentsDigest").orElseThrow())
                        .with("reason", "the demo, without a terminal")
                        .build());
    }

    private static boolean terminal() {
        return System.console() != null && System.console().isTerminal();
    }

    /// @return true where it ran
    private boolean finish(Api agent, String call) throws Api.Refused, InterruptedException {
        JsonObject state;
        do {
            state = agent.get("/v1/calls/" + call + "?wait=" + WAIT);
        } while (state.text("state").orElse("").equals("held")
                && state.object("approval")
                        .flatMap(approval -> approval.text("state"))
                        .orElse("pending")
                        .equals("pending"));
        if (state.text("state").orElse("").equals("held"))
            state = agent.post("/v1/calls/" + call + "/execute", JsonObject.EMPTY);
        tell(state);
        return state.text("state").orElse("").equals("succeeded");
    }

    /// Takes a call back, as its operator: what stood there before it was kept with its intent to run.
    private void undo(Api agent, Api operator, String call, String what) throws Api.Refused {
        say("4. An operator undoes " + what + ", as `./guardrail undo " + call
                + " --reason …` does. The guard kept what");
        say("   was there before, and looks first whether anybody has changed it since:");
        operator.post(
                "/v1/calls/" + call + "/undo",
                JsonObject.with("reason", "the demo shows how").build());
        tell(agent.get("/v1/calls/" + call));
    }

    private static JsonObject propose(Api agent, String tool, JsonObject arguments) throws Api.Refused {
        return agent.post(
                "/v1/calls",
                JsonObject.with("tool", tool)
                        .with("arguments", arguments)
                        .with("run", "guard")
                        .build());
    }

    private void tell(JsonObject call) {
        if (json) System.out.println(call);
        say("   " + call.text("tool").orElse("") + " -> " + call.text("effect").orElse("") + ", "
                + call.text("state").orElse(""));
        call.text("message").ifPresent(text -> text.lines().forEach(line -> say("   " + Screen.safe(line))));
        say("");
    }

    private void say(String line) {
        if (!json) System.out.println(line);
    }
}
