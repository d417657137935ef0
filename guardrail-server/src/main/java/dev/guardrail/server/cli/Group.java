package dev.guardrail.server.cli;

import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// A command that does nothing but have subcommands: alone, it says which.
abstract class Group implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Override
    public final void run() {
        CommandLine.usage(spec.commandLine(), System.out);
    }
}
