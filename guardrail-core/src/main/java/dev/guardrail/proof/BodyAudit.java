package dev.guardrail.proof;

import dev.guardrail.base.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;

/// Compares what is kept beside a log with what its entries say: the status of each call, and the commitment of each
/// body. It does nothing where nothing is given to compare with.
final class BodyAudit {
    private final Optional<Projections> projections;
    private final AuditNotes notes;
    private long compared;
    private long erased;

    BodyAudit(Optional<Projections> projections, AuditNotes notes) {
        this.projections = projections;
        this.notes = notes;
    }

    /// Compares the bodies that an entry commits to.
    Optional<Breach> entry(Members entry) throws IOException {
        if (projections.isEmpty()) return Optional.empty();
        for (String member : new String[] {"result", "reason", "text"}) {
            var breach =
                    entry.object(member).isPresent() ? body(entry.object(member).get()) : Optional.<Breach>empty();
            if (breach.isPresent()) return breach;
        }
        for (Members commitment : entry.objects("bodies")) {
            var breach = body(commitment);
            if (breach.isPresent()) return breach;
        }
        return Optional.empty();
    }

    private Optional<Breach> body(Members commitment) throws IOException {
        String id = commitment.text("body").orElseThrow();
        compared++;
        return switch (projections.orElseThrow().body(id)) {
            case Projections.Body.Kept(Sha256 kept) ->
                Breach.unless(
                        kept.toString().equals(commitment.text("commitment").orElseThrow()),
                        "other-body",
                        "commits to another body than the one kept as `" + id + "`");
            case Projections.Body.Unreadable unreadable ->
                Breach.of("other-body", "commits to the body `" + id + "`, which cannot be opened any more");
            case Projections.Body.Erased gone -> {
                erased++;
                yield Optional.empty();
            }
        };
    }

    /// Compares the status of a call that is over, or as far as it came.
    Optional<Breach> ended(String call, String status) {
        if (projections.isEmpty()) return Optional.empty();
        try {
            var kept = projections.get().status(call);
            return Breach.unless(
                    kept.equals(Optional.of(status)),
                    "other-status",
                    "leaves the call `" + call + "` as " + status + ", and it is kept as " + kept.orElse("nothing"));
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    /// Compares what is still open at the end of the log.
    Optional<AuditReport.Fault> end(CallHistory calls, long size) throws IOException {
        if (projections.isEmpty()) return Optional.empty();
        if (erased > 0) notes.add(0, "erased", erased + " bodies are gone; what is left of them is their commitments");
        return calls.rest()
                .or(() -> count(calls))
                .map(why -> new AuditReport.Fault(size, why.word(), "the end of the log " + why.sentence()));
    }

    private Optional<Breach> count(CallHistory calls) {
        try {
            long kept = projections.orElseThrow().calls();
            return Breach.unless(
                    kept == calls.calls(), "other-calls", "has " + calls.calls() + " calls, and " + kept + " are kept");
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    long compared() {
        return compared;
    }

    long erased() {
        return erased;
    }
}
