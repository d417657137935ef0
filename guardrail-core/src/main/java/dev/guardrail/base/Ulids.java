package dev.guardrail.base;

import java.time.Instant;
import java.time.InstantSource;
import java.util.random.RandomGenerator;

/// [IdSource] in the ULID layout: 10 characters of milliseconds, 16 of randomness.
record Ulids(InstantSource clock, RandomGenerator random) implements IdSource {
    private static final char[] ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ".toCharArray();

    @Override
    public String next(String prefix) {
        var id = new StringBuilder(prefix.length() + 27).append(prefix).append('_');
        append(id, clock.millis(), 10);
        append(id, random.nextLong() >>> 24, 8);
        append(id, random.nextLong() >>> 24, 8);
        return id.toString();
    }

    static String floor(String prefix, Instant at) {
        var id = new StringBuilder(prefix.length() + 11).append(prefix).append('_');
        append(id, Math.max(0, at.toEpochMilli()), 10);
        return id.toString();
    }

    private static void append(StringBuilder id, long value, int characters) {
        for (int shift = (characters - 1) * 5; shift >= 0; shift -= 5)
            id.append(ALPHABET[(int) (value >>> shift) & 31]);
    }
}
