package dev.guardrail.base;

import java.util.random.RandomGenerator;

/// Makes identifiers: a prefix, then a sortable, unguessable part (`call_01KA8W7K…`).
@FunctionalInterface
public interface IdSource {

    /// @param prefix `ses`, `call`, `apr` or `grt`, without the underscore
    /// @return a fresh identifier, sortable by time of making to the millisecond
    String next(String prefix);

    /// What sorts before every such identifier that is made at or after a time, and after those made earlier.
    static String floor(String prefix, java.time.Instant at) {
        return Ulids.floor(prefix, at);
    }

    /// Identifiers of 48 bits of time and 80 bits of randomness in Crockford's base 32 (the ULID layout).
    static IdSource of(java.time.InstantSource clock, RandomGenerator random) {
        return new Ulids(clock, random);
    }
}
