package dev.guardrail.server.cli;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/// The `guardrail` command. Its subcommands do the work; alone it shows how it is used.
@Command(
        name = "guardrail",
        mixinStandardHelpOptions = true,
        version = "guardrail 0.1.0-SNAPSHOT",
        subcommands = {
            Demo.class,
            Serve.class,
            Check.class,
            PolicyTest.class,
            Review.class,
            ConsoleLink.class,
            Approvals.class,
            Grants.class,
            OutboxCommand.class,
            Tools.class,
            Sessions.class,
            Stop.class,
            Resume.class,
            Undo.class,
            Stdio.class,
            RunCommand.class,
            Uncommit.class,
            Doctor.class,
            Verify.class,
            Export.class,
            Keys.class,
            TakeBackup.class,
            Restore.class
        })
public final class Guardrail implements Runnable {
    private Guardrail() {}

    /// The whole command, as `main` runs it.
    static Guardrail command() {
        return new Guardrail();
    }

    @Override
    public void run() {
        CommandLine.usage(this, System.out);
    }

    public static void main(String[] arguments) throws InterruptedException {
        if (arguments.length > 0 && arguments[0].equals("stdio"))
            System.exit(bridge(Arrays.asList(arguments).subList(1, arguments.length)));
        Logging.begin(System.getenv("GUARDRAIL_LOG"));
        System.exit(new CommandLine(command()).execute(arguments));
    }

    /// A host waits for this one, so it starts without what it has no use for: logs and the other commands.
    private static int bridge(List<String> words) throws InterruptedException {
        Optional<Stdio> plain = Stdio.plainly(words);
        return plain.isPresent()
                ? plain.get().call()
                : new CommandLine(new Stdio()).setCommandName("guardrail stdio").execute(words.toArray(String[]::new));
    }
}
