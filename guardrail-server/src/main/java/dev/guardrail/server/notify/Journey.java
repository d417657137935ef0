package dev.guardrail.server.notify;

import java.util.Collection;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/// One notice on its way, and the channels that it has been given to: none gets it twice, so no two of them can hand it
/// to and fro. Safe for concurrent use.
final class Journey {
    private final Notice notice;
    private final Set<String> given = ConcurrentHashMap.newKeySet();

    Journey(Notice notice, Collection<String> given) {
        this.notice = notice;
        this.given.addAll(given);
    }

    Notice notice() {
        return notice;
    }

    /// The first of these that has not got it yet; whoever asks next is told another.
    Optional<String> next(Stream<String> channels) {
        return channels.filter(given::add).findFirst();
    }
}
