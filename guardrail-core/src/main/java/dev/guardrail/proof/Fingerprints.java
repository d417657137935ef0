package dev.guardrail.proof;

/// A set of names that are over, at 8 to 16 bytes each: 64 bits of a name stand for it. Among ten million names two
/// fall together once in about 370,000 logs, and a call would then be reported to come back that did not.
final class Fingerprints {
    private long[] slots = new long[1024];
    private int size;

    boolean contains(String name) {
        return slots[slot(fingerprint(name))] != 0;
    }

    /// @return false where it was there
    boolean add(String name) {
        long fingerprint = fingerprint(name);
        int slot = slot(fingerprint);
        if (slots[slot] != 0) return false;
        slots[slot] = fingerprint;
        if (++size > slots.length / 4 * 3) grow();
        return true;
    }

    private void grow() {
        long[] before = slots;
        slots = new long[Math.multiplyExact(before.length, 2)];
        for (long fingerprint : before) if (fingerprint != 0) slots[slot(fingerprint)] = fingerprint;
    }

    private int slot(long fingerprint) {
        int slot = (int) (fingerprint >>> 32) & (slots.length - 1);
        while (slots[slot] != 0 && slots[slot] != fingerprint) slot = (slot + 1) & (slots.length - 1);
        return slot;
    }

    /// Two rounds of a 64-bit finalizer (SplittableRandom's) over every character; never 0.
    private static long fingerprint(String name) {
        long hash = name.length();
        for (int i = 0; i < name.length(); i++) {
            hash = (hash ^ name.charAt(i)) * 0xBF58476D1CE4E5B9L;
            hash ^= hash >>> 31;
        }
        hash = (hash ^ (hash >>> 27)) * 0x94D049BB133111EBL;
        hash ^= hash >>> 31;
        return hash == 0 ? 1 : hash;
    }
}
