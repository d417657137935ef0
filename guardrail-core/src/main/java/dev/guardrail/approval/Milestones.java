package dev.guardrail.approval;

import dev.guardrail.base.Deadlines;
import dev.guardrail.base.Ticker;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// What happens to each pending ticket before its end, on monotonic time: people are reminded once half of it is over,
/// and more are called in. Holds nothing durable: which circles were called in, the ticket itself says. Safe for
/// concurrent use.
final class Milestones {
    /// A shorter life is over before a reminder helps.
    private static final Duration WORTH_REMINDING = Duration.ofMinutes(2);

    private final Deadlines<TicketState> times;
    private final Set<String> unreminded = ConcurrentHashMap.newKeySet();

    Milestones(Ticker ticker) {
        this.times = new Deadlines<>(ticker);
    }

    /// Arms the next of a ticket's milestones, in place of whatever was armed for it.
    ///
    /// @param elapsed since it was opened
    void arm(Life ticket, Duration elapsed) {
        Optional<Duration> reminder = half(ticket).filter(half -> half.compareTo(elapsed) > 0);
        if (reminder.isPresent()) unreminded.add(ticket.id());
        Duration next = reminder.orElse(null);
        for (Duration circle : ticket.circles()) {
            Duration after = circle.compareTo(elapsed) > 0 ? circle : elapsed; // one that is late is due
            if (next == null || after.compareTo(next) < 0) next = after;
        }
        if (next == null) times.disarm(ticket.id());
        else times.arm(ticket.id(), TicketState.PENDING, next.minus(elapsed));
    }

    /// True where a life is long enough for a reminder to help.
    static boolean isWorthReminding(Duration life) {
        return life.compareTo(WORTH_REMINDING) >= 0;
    }

    private static Optional<Duration> half(Life ticket) {
        var life = ticket.whole();
        return life.compareTo(WORTH_REMINDING) < 0
                ? Optional.empty()
                : Optional.of(Duration.ofMillis(life.toMillis() / 2));
    }

    /// True once for each ticket, when half of its time is over.
    boolean isToBeReminded(Life ticket, Duration elapsed) {
        return half(ticket).filter(half -> half.compareTo(elapsed) <= 0).isPresent() && unreminded.remove(ticket.id());
    }

    void disarm(String ticket) {
        times.disarm(ticket);
        unreminded.remove(ticket);
    }

    List<String> due() {
        return times.due();
    }

    void keep(Runnable due) {
        times.keep(due);
    }

    void close() {
        times.close();
    }
}
