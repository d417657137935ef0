package dev.guardrail.server.console.approvals;

import dev.guardrail.approval.Ticket;
import dev.guardrail.call.Caller;
import dev.guardrail.server.console.Bit;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/// What waits, while the log does not grow: without another entry nothing of it changes. It is read once for everybody
/// who looks. Safe for concurrent use.
///
/// @param queues signature of the queue, as each visitor sees it
/// @param requests signature of each request, by its id
/// @param sentences that say what each request is, by its id
/// @param drawings of the queue
record Sight(
        List<Ticket> waiting,
        Map<Looking, String> queues,
        Map<String, String> requests,
        Map<String, List<Bit>> sentences,
        Map<Drawing, byte[]> drawings) {
    private static final int MOST_DRAWINGS = 32;

    Sight(List<Ticket> waiting) {
        this(
                List.copyOf(waiting),
                new ConcurrentHashMap<>(),
                new ConcurrentHashMap<>(),
                new ConcurrentHashMap<>(),
                new ConcurrentHashMap<>());
    }

    /// Who looks at what.
    record Looking(Caller visitor, View view) {}

    /// What a queue's markup follows from: whoever sees the same is sent the same.
    ///
    /// @param second when it was drawn, as it says how much time is left
    record Drawing(View view, String signature, String open, long second) {}

    /// Of a queue as a visitor sees it.
    String signature(Looking looking, Supplier<String> made) {
        return queues.computeIfAbsent(looking, known -> made.get());
    }

    /// Of a request.
    String signature(Ticket ticket) {
        return requests.computeIfAbsent(ticket.id(), known -> Desk.signature(ticket));
    }

    List<Bit> sentence(Ticket ticket, Supplier<List<Bit>> made) {
        return sentences.computeIfAbsent(ticket.id(), known -> made.get());
    }

    byte[] drawing(Drawing drawing, Supplier<byte[]> made) {
        if (drawings.size() >= MOST_DRAWINGS) drawings.clear();
        return drawings.computeIfAbsent(drawing, known -> made.get());
    }
}
