package dev.guardrail.testing;

import dev.guardrail.journal.BodySeal;
import dev.guardrail.journal.CallRecord;
import dev.guardrail.journal.Document;
import dev.guardrail.journal.Kind;
import dev.guardrail.journal.Store;
import dev.guardrail.proof.Projections;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.NullMarked;

/// [Projections] of a store.
@NullMarked
public record StoredCalls(Store store, BodySeal seal) implements Projections {
    @Override
    public long calls() throws IOException {
        return store.find(Kind.CALL, Document.Tags.NONE, "", Integer.MAX_VALUE).size();
    }

    @Override
    public Optional<String> status(String call) throws IOException {
        return store.get(Kind.CALL, call)
                .map(document -> CallRecord.of(document.value()).status().text());
    }

    @Override
    public Body body(String id) throws IOException {
        Optional<byte[]> sealed = store.body(id);
        if (sealed.isEmpty()) return new Body.Erased();
        try {
            return new Body.Kept(seal.commitment(id, sealed.get()));
        } catch (SecurityException altered) {
            return new Body.Unreadable();
        }
    }
}
