package dev.guardrail.server.identity;

import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Secrets that come and go, such as tokens. However many there are, they are found in time that grows with the text
/// alone: by the first few characters of each. Safe for concurrent use.
final class SecretIndex {
    /// Characters that a secret is looked up by; shorter ones cannot be kept.
    static final int HEAD = 8;

    /// Beyond so many, those that end first are forgotten first.
    private static final int MOST = 20_000;

    private static final int BITS = 1 << 16;
    private static final int BASE = 31;

    private final Map<String, Instant> ends = new HashMap<>();
    private volatile Snapshot snapshot = Snapshot.of(List.of());

    /// @param likely a bit for each head; most texts go no further
    private record Snapshot(BitSet likely, Map<Integer, List<String>> heads) {
        static Snapshot of(Iterable<String> secrets) {
            var likely = new BitSet(BITS);
            var heads = new HashMap<Integer, List<String>>();
            for (String secret : secrets) {
                int head = secret.substring(0, HEAD).hashCode();
                likely.set(bit(head));
                heads.computeIfAbsent(head, key -> new ArrayList<>()).add(secret);
            }
            heads.values()
                    .forEach(alike ->
                            alike.sort(Comparator.comparingInt(String::length).reversed()));
            return new Snapshot(likely, heads);
        }

        private static int bit(int head) {
            return (head ^ (head >>> 16)) & (BITS - 1);
        }

        List<String> at(int head) {
            return likely.get(bit(head)) ? heads.getOrDefault(head, List.of()) : List.of();
        }
    }

    /// Keeps a secret until it is of no use any more.
    synchronized void add(String secret, Instant now, Instant end) {
        if (secret.length() < HEAD) return;
        ends.values().removeIf(now::isAfter);
        ends.put(secret, end);
        if (ends.size() > MOST)
            ends.entrySet().stream()
                    .min(Map.Entry.comparingByValue())
                    .map(Map.Entry::getKey)
                    .ifPresent(ends::remove);
        snapshot = Snapshot.of(ends.keySet());
    }

    /// @return the very same text where it holds none of them
    String without(String text, String mask) {
        var known = snapshot;
        if (known.heads().isEmpty() || text.length() < HEAD) return text;
        int top = 1;
        for (int i = 1; i < HEAD; i++) top *= BASE;
        var kept = new StringBuilder();
        int from = 0;
        int head = text.substring(0, HEAD).hashCode();
        for (int at = 0; ; at++) {
            int start = at;
            if (start >= from) {
                var found = known.at(head).stream()
                        .filter(secret -> text.startsWith(secret, start))
                        .findFirst();
                if (found.isPresent()) {
                    kept.append(text, from, start).append(mask);
                    from = start + found.get().length();
                }
            }
            if (at + HEAD >= text.length()) break;
            head = (head - text.charAt(at) * top) * BASE + text.charAt(at + HEAD);
        }
        return from == 0 ? text : kept.append(text, from, text.length()).toString();
    }
}
