package dev.guardrail.approval;

import dev.guardrail.base.JsonObject;
import dev.guardrail.journal.Change;
import dev.guardrail.journal.Document;
import dev.guardrail.journal.Journal;
import dev.guardrail.journal.Kind;
import java.util.Locale;
import java.util.Optional;

/// A request that looks to approvers like a held call and is none: a test of whether they read. It lies in documents of
/// a kind of its own, so that whatever looks for a ticket or a call by its id finds nothing; its binding is the digest
/// of no request; and nothing beyond [ApproversQueue] knows it. There is nothing in it that could run.
///
/// @param guise what it looks like to approvers: for showing alone
/// @param outcome empty while it waits
public record Canary(Ticket guise, Optional<Outcome> outcome) {

    /// What people made of it.
    public enum Outcome {
        /// Somebody approved it.
        MISSED(TicketState.APPROVED),
        /// Somebody denied it.
        CAUGHT(TicketState.DENIED),
        /// Nobody answered in time.
        SILENT(TicketState.EXPIRED),
        /// Somebody looked into it otherwise, or voted and could have known: it says nothing of either kind.
        HANDLED(TicketState.CANCELLED);

        private final TicketState state;

        Outcome(TicketState state) {
            this.state = state;
        }

        public String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /// @return empty where there is none of this id, as for every real ticket
    public static Optional<Canary> find(Journal journal, String id) {
        return journal.get(Kind.CANARY, id).map(Canary::of);
    }

    static Canary of(Document document) {
        return new Canary(
                Ticket.of(document.value().object("guise").orElseThrow()),
                document.value().text("outcome").map(word -> Outcome.valueOf(word.toUpperCase(Locale.ROOT))));
    }

    public boolean pending() {
        return outcome.isEmpty();
    }

    /// Id of the body with the arguments that it shows.
    public String argumentsBody() {
        return guise.id() + "/arguments";
    }

    /// Id of the body with what the agent seems to say.
    public String reasonBody() {
        return guise.id() + "/says";
    }

    /// This canary once it is over. Who ended it stands in the journal alone.
    Canary over(Outcome how, java.time.Instant at) {
        return new Canary(
                guise.closed(how.state, new Ticket.Closing(at, "", "canary", Optional.empty())), Optional.of(how));
    }

    Change put(long expected) {
        var value = JsonObject.with("guise", guise.json())
                .with("outcome", outcome.map(Outcome::text))
                .build();
        return new Change.Put(
                Kind.CANARY,
                guise.id(),
                expected,
                new Document.Tags(null, guise.state().text(), null),
                value);
    }
}
