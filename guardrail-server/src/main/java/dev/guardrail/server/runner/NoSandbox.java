package dev.guardrail.server.runner;

import dev.guardrail.sandbox.Outcome;
import dev.guardrail.sandbox.Profile;
import dev.guardrail.sandbox.Residue;
import dev.guardrail.sandbox.Sandbox;
import dev.guardrail.sandbox.Streams;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// What stands where a sandbox should, and cannot be had: it refuses.
public record NoSandbox(Refusal refusal) implements Sandbox {
    @Override
    public Probe probe() {
        return new Probe.Unusable(refusal);
    }

    @Override
    public Optional<Refusal> objection(Profile profile, Path workspace) {
        return Optional.of(refusal);
    }

    @Override
    public Prepared prepare(Profile profile, Path workspace) {
        return new Prepared.Refused(refusal);
    }

    @Override
    public Outcome spawn(Handle handle, List<String> command, Streams streams) throws IOException {
        throw new IOException(refusal.sentence());
    }

    @Override
    public void kill(Handle handle) {
        // Nothing was started.
    }

    @Override
    public Residue residue(Handle handle) {
        return new Residue(List.of(), true);
    }

    @Override
    public void cleanup(String id) {
        // Nothing was made.
    }
}
