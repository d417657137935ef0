package dev.guardrail.approval;

import dev.guardrail.journal.Document;
import java.util.LinkedHashMap;
import java.util.Map;

/// Tickets that were read lately: from a vote to the run, one is asked for many times. Knows a document by identity, so
/// what it answers is never older than what the store gave. Safe for concurrent use.
final class Known {
    private static final int MOST = 256;

    private final Map<String, Read> byTicket = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Read> eldest) {
            return size() > MOST;
        }
    };

    private record Read(Document document, Ticket ticket) {}

    @SuppressWarnings("ReferenceEquality") // an equal document is read again, which is slower and as right
    Ticket ticket(Document document) {
        synchronized (byTicket) {
            Read read = byTicket.get(document.key());
            if (read != null && read.document() == document) return read.ticket();
        }
        var ticket = Ticket.of(document.value());
        synchronized (byTicket) {
            byTicket.put(document.key(), new Read(document, ticket));
        }
        return ticket;
    }
}
