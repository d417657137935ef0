package dev.guardrail.pipeline;

import dev.guardrail.base.Sha256;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/// How often the same thing was refused lately; bounded, in memory, forgotten by a restart. It raises risk and shortens
/// answers, and decides nothing else.
final class Refusals {
    private static final int KEPT = 10_000;

    private final Map<Sha256, Integer> counts = Collections.synchronizedMap(new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Sha256, Integer> eldest) {
            return size() > KEPT;
        }
    });

    int count(Sha256 repeat) {
        return counts.getOrDefault(repeat, 0);
    }

    void add(Sha256 repeat) {
        counts.merge(repeat, 1, (known, one) -> Math.min(known + one, 1_000));
    }
}
