package dev.guardrail.server.cli;

import java.util.Arrays;
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
            Approvals.class,
            Tools.class,
            Sessions.class,
            Stdio.class,
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

    public static void main(String[] arguments) {
        // A host waits for it, so it starts without what it has no use for: logs and the other commands.
        if (arguments.length > 0 && arguments[0].equals("stdio"))
            System.exit(new CommandLine(new Stdio()).execute(Arrays.copyOfRange(arguments, 1, arguments.length)));
        Logging.begin(System.getenv("GUARDRAIL_LOG"));
        System.exit(new CommandLine(command()).execute(arguments));
    }
}
