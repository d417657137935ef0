package dev.guardrail.approval;

import dev.guardrail.base.Deadlines;
import dev.guardrail.base.Ticker;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

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
        if (half(ticket).filter(half -> half.compareTo(elapsed) > 0).isPresent()) unreminded.add(ticket.id());
        next(ticket, elapsed)
                .ifPresentOrElse(
                        after -> times.arm(ticket.id(), TicketState.PENDING, after.minus(elapsed)),
                        () -> times.disarm(ticket.id()));
    }

    /// The next one lies beyond `elapsed`, or is a circle that is late.
    private static Optional<Duration> next(Life ticket, Duration elapsed) {
        Stream<Duration> circles =
                ticket.circles().stream().map(after -> after.compareTo(elapsed) > 0 ? after : elapsed);
        Stream<Duration> reminder = half(ticket).filter(half -> half.compareTo(elapsed) > 0).stream();
        return Stream.concat(circles, reminder).min(Comparator.naturalOrder());
    }

    /// True where a life is long enough for a reminder to help.
    static boolean isWorthReminding(Duration life) {
        return life.compareTo(WORTH_REMINDING) >= 0;
    }

    private static Optional<Duration> half(Life ticket) {
        var life = ticket.whole();
        return life.compareTo(WORTH_REMINDING) < 0 ? Optional.empty() : Optional.of(life.dividedBy(2));
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
