package dev.guardrail.server.cli;

import dev.guardrail.base.GuardrailException;
import dev.guardrail.pack.Diagnostic;
import dev.guardrail.server.wiring.InvalidConfiguration;
import dev.guardrail.server.wiring.Restoration;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// A command that works on a data directory itself.
abstract class OnData implements Callable<Integer> {
    /// Exit code where there is nothing to work on, or it is not fit for it.
    static final int UNUSABLE = 2;

    @Mixin
    private final DataPlace place = new DataPlace();

    @Option(names = "--json", description = "Answer in JSON.")
    private boolean json;

    @Override
    public final Integer call() {
        try {
            return work();
        } catch (InvalidConfiguration refused) {
            for (Diagnostic finding : refused.findings()) System.err.println(finding.render());
        } catch (FileAlreadyExistsException there) {
            tell("`" + there.getFile() + "` is there already; name a new file");
        } catch (NoSuchFileException missing) {
            tell("there is no `" + missing.getFile() + "`");
        } catch (IOException | GuardrailException | Restoration.Unacknowledged | Api.Refused refused) {
            tell(String.valueOf(refused.getMessage()));
        }
        return UNUSABLE;
    }

    private static void tell(String why) {
        System.err.println("guardrail: " + Screen.safe(why));
    }

    /// @return the exit code
    abstract int work() throws IOException, InvalidConfiguration, Restoration.Unacknowledged, Api.Refused;

    DataPlace.Found data() throws InvalidConfiguration {
        return place.find();
    }

    boolean json() {
        return json;
    }
}
