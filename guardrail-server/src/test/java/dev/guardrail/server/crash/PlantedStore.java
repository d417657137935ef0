package dev.guardrail.server.crash;

import dev.guardrail.journal.Batch;
import dev.guardrail.journal.CallRecord;
import dev.guardrail.journal.Change;
import dev.guardrail.journal.Kind;
import dev.guardrail.journal.Receipt;
import dev.guardrail.journal.Status;
import dev.guardrail.journal.Store;
import dev.guardrail.journal.StoreConflict;
import dev.guardrail.testing.Wrapped;
import java.io.IOException;
import java.util.function.Consumer;

/// A store that does something with each call's new state before it is durable: where planted bugs live.
final class PlantedStore extends Wrapped {
    private final Consumer<CallRecord> tooEarly;

    private PlantedStore(Store sound, Consumer<CallRecord> tooEarly) {
        super(sound);
        this.tooEarly = tooEarly;
    }

    static PlantedStore executingFirst(Store sound, Upstream upstream) {
        return new PlantedStore(sound, call -> {
            if (call.status() != Status.RUNNING) return;
            upstream.run(call.id().value());
            CrashGuard.dawdle();
        });
    }

    static PlantedStore acknowledgingFirst(Store sound, Consumer<CallRecord> acknowledge) {
        return new PlantedStore(sound, acknowledge);
    }

    @Override
    public Receipt commit(Batch batch) throws IOException, StoreConflict {
        for (Change change : batch.changes())
            if (change instanceof Change.Put put && put.kind() == Kind.CALL)
                tooEarly.accept(CallRecord.of(put.value()));
        return super.commit(batch);
    }
}
