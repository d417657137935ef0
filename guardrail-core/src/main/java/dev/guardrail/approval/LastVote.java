package dev.guardrail.approval;

import dev.guardrail.journal.Draft;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// The vote that completes a ticket's last quorum, before it is durable. Whoever waits to run the call may write it in
/// the batch of the intent to run, so that both wait for the disk once; where nobody does, its voter writes it alone.
///
/// Nobody need know who of the two was first: each replaces the same version of the ticket, so that one of them
/// conflicts.
public final class LastVote {
    /// How long a voter waits for somebody else's decision.
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final TicketBook.Page approved;
    private final Duration validFor;
    private final Draft draft;
    private final CompletableFuture<Boolean> told = new CompletableFuture<>();

    /// True from when it is durable, which is before its voter is told.
    private volatile boolean written;

    /// @param approved the ticket as the vote leaves it
    /// @param draft the vote, and the approval
    LastVote(TicketBook.Page approved, Duration validFor, Draft draft) {
        this.approved = approved;
        this.validFor = validFor;
        this.draft = draft;
    }

    /// The ticket as the vote leaves it: approved.
    public Ticket ticket() {
        return approved.ticket();
    }

    TicketBook.Page approved() {
        return approved;
    }

    Duration validFor() {
        return validFor;
    }

    /// Adds the vote and the approval to a batch.
    void addTo(Draft batch) {
        batch.include(draft).afterwards(() -> written = true).announce(() -> told.complete(true));
    }

    /// Leaves it to its voter, unless it is written.
    void leave() {
        if (!written) told.complete(false);
    }

    /// Parks until somebody has written it, or leaves it to its voter.
    ///
    /// @return false where the voter is to write it
    boolean awaitWritten() {
        try {
            return told.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return false;
        } catch (TimeoutException | ExecutionException slow) {
            return false;
        }
    }
}
