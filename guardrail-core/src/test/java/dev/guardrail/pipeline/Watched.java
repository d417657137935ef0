package dev.guardrail.pipeline;

import dev.guardrail.journal.Batch;
import dev.guardrail.journal.Change;
import dev.guardrail.journal.Kind;
import dev.guardrail.journal.Receipt;
import dev.guardrail.journal.Store;
import dev.guardrail.journal.StoreConflict;
import dev.guardrail.testing.Wrapped;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;

/// A store that notes which steps of the calls' machine became durable.
final class Watched extends Wrapped {
    private final Set<String> steps;

    Watched(Store store, Set<String> steps) {
        super(store);
        this.steps = steps;
    }

    @Override
    public Receipt commit(Batch batch) throws IOException, StoreConflict {
        Set<String> staged = new HashSet<>();
        for (Change change : batch.changes())
            if (change instanceof Change.Put put && put.kind() == Kind.CALL) staged.add(step(put));
        Receipt receipt = super.commit(batch);
        steps.addAll(staged);
        return receipt;
    }

    private String step(Change.Put put) throws IOException {
        String from = get(Kind.CALL, put.key())
                .flatMap(known -> known.value().text("status"))
                .orElse("proposed");
        return from + " " + put.value().text("status").orElseThrow();
    }
}
