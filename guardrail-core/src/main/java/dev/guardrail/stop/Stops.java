package dev.guardrail.stop;

import dev.guardrail.base.IdSource;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import dev.guardrail.journal.Change;
import dev.guardrail.journal.Document;
import dev.guardrail.journal.Draft;
import dev.guardrail.journal.Entry;
import dev.guardrail.journal.Journal;
import dev.guardrail.journal.Kind;
import dev.guardrail.registry.Attempt;
import java.util.List;
import java.util.Optional;

/// The stops as they lie in the journal: ordered, lifted, and seen as a decision needs them. Safe for concurrent use.
///
/// One document, the generation, gets a new version with every stop and every lifting. Whoever permits something
/// expects the version that it saw ([InForce#expect]), so no stop is missed, on whichever replica it was ordered.
public final class Stops {
    static final String GENERATION = "generation";

    /// Each lost race means that somebody else's stop counts now.
    private static final int ATTEMPTS = 1_000;
    private static final int PAGE = 1_000;

    private final Journal journal;
    private final IdSource ids;
    private volatile InForce latest = new InForce(0, List.of());

    public Stops(Journal journal, IdSource ids) {
        this.journal = journal;
        this.ids = ids;
    }

    /// The stops in force, as they are in the store now.
    public InForce now() {
        long generation = generation();
        InForce known = latest;
        if (known.generation() == generation) return known;
        // What is found may be newer than the generation: whoever permits on it conflicts, and looks again.
        var read = new InForce(generation, read());
        latest = read;
        return read;
    }

    long generation() {
        return journal.get(Kind.STOP, GENERATION).map(Document::version).orElse(0L);
    }

    private List<Stop> read() {
        return journal.all(Kind.STOP, new Document.Tags(null, Stop.IN_FORCE, null)).stream()
                .map(document -> Stop.of(document.value()))
                .toList();
    }

    public Optional<Stop> find(String id) {
        return id.equals(GENERATION)
                ? Optional.empty()
                : journal.get(Kind.STOP, id).map(document -> Stop.of(document.value()));
    }

    /// The operator's words; empty where they are erased.
    public Optional<String> reason(Stop stop) {
        return journal.words(stop.reasonBody());
    }

    /// Puts a stop into force. A crash before the commit leaves no stop; after it, one that binds every decision from
    /// there on, and whose sweep the next start makes good.
    Stop order(Scope scope, String subject, String by, String reason) {
        return Attempt.retried(ATTEMPTS, () -> {
            long generation = generation();
            var stop = new Stop(ids.next("stp"), scope, subject, by, journal.now(), Optional.empty());
            var words = journal.seal(stop.reasonBody(), new JsonText(reason));
            journal.commit(new Draft()
                    .entry(new Entry.Stopped(stop.at(), stop.line(), by, words.commitment()))
                    .body(words.body())
                    .change(stop.put(0))
                    .change(next(generation)));
            return stop;
        });
    }

    /// Lifts a stop; one that is lifted already stays as it is. A crash before the commit leaves it in force.
    ///
    /// @return empty where there is no such stop
    Optional<Stop> lift(String id, String by) {
        return Attempt.retried(ATTEMPTS, () -> {
            long generation = generation();
            Optional<Document> document = id.equals(GENERATION) ? Optional.empty() : journal.get(Kind.STOP, id);
            if (document.isEmpty()) return Optional.<Stop>empty();
            Stop stop = Stop.of(document.get().value());
            if (!stop.inForce()) return Optional.of(stop);
            Stop lifted = stop.lift(by, journal.now());
            journal.commit(new Draft()
                    .entry(new Entry.StopLifted(journal.now(), stop.line(), by))
                    .change(lifted.put(document.get().version()))
                    .change(next(generation)));
            return Optional.of(lifted);
        });
    }

    private static Change next(long generation) {
        return new Change.Put(Kind.STOP, GENERATION, generation, Document.Tags.NONE, JsonObject.EMPTY);
    }
}
