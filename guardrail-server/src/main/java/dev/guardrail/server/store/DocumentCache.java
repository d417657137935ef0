package dev.guardrail.server.store;

import dev.guardrail.journal.Document;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Documents as last committed, the most lately used ones; also that there is none. Safe for concurrent use.
///
/// What a reader found is taken only if nothing was committed since it began to read, so an old version never covers a
/// new one.
final class DocumentCache {
    /// Enough for the calls under way and lately over; more of it would only grow old before it is let go.
    private static final long CAPACITY_BYTES = 2L << 20;

    /// Memory of an entry beside the document's own text.
    private static final int OVERHEAD_BYTES = 300;

    private final LinkedHashMap<Place, Kept> kept = new LinkedHashMap<>(256, 0.75f, true);
    private long bytes;
    private long epoch;

    /// A document or its absence.
    ///
    /// @param text bytes of its value
    record Kept(Optional<Document> document, byte[] text) {
        static final Kept ABSENT = new Kept(Optional.empty(), new byte[0]);

        long version() {
            return document.map(Document::version).orElse(0L);
        }

        Document.@Nullable Tags tags() {
            return document.map(Document::tags).orElse(null);
        }
    }

    synchronized @Nullable Kept get(Place place) {
        return kept.get(place);
    }

    /// Names the moment: to be asked for before reading what will be offered.
    synchronized long epoch() {
        return epoch;
    }

    synchronized void offer(Place place, Kept found, long readAt) {
        if (readAt == epoch) put(place, found);
    }

    /// Takes what was just committed.
    synchronized void publish(Map<Place, Kept> committed) {
        epoch++;
        committed.forEach(this::put);
    }

    synchronized void clear() {
        epoch++;
        kept.clear();
        bytes = 0;
    }

    private void put(Place place, Kept found) {
        var before = kept.put(place, found);
        bytes += weight(found) - (before == null ? 0 : weight(before));
        var eldest = kept.entrySet().iterator();
        while (bytes > CAPACITY_BYTES && eldest.hasNext()) {
            bytes -= weight(eldest.next().getValue());
            eldest.remove();
        }
    }

    private static long weight(Kept kept) {
        return OVERHEAD_BYTES + 5L * kept.text().length;
    }
}
