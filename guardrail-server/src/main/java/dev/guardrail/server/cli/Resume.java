package dev.guardrail.server.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// `resume`: lifts a stop.
@Command(
        name = "resume",
        mixinStandardHelpOptions = true,
        description = "Lift a stop. What it took back stays taken back; agents propose anew. Takes an admin's key.")
final class Resume extends Asking {
    @Parameters(paramLabel = "ID", description = "The stop, stp_….")
    private String id = "";

    @Override
    int ask(Api api) throws Api.Refused {
        return show(api.delete("/v1/stop/" + Api.part(id)));
    }
}
