package dev.guardrail.proof;

import dev.guardrail.base.Sha256;
import java.util.ArrayList;
import java.util.List;

/// The definitions of RFC 6962, sections 2.1 to 2.1.2, word for word over lists of entries. Slow, and shares nothing
/// with the code under test but the digest.
final class NaiveTree {
    private NaiveTree() {}

    static Sha256 mth(List<byte[]> entries) {
        int n = entries.size();
        if (n == 0) return Sha256.of(new byte[0]);
        if (n == 1) return Sha256.of(new byte[] {0}, entries.getFirst());
        int k = split(n);
        return Sha256.of(
                new byte[] {1},
                mth(entries.subList(0, k)).bytes(),
                mth(entries.subList(k, n)).bytes());
    }

    static List<Sha256> path(int m, List<byte[]> entries) {
        int n = entries.size();
        if (n == 1) return List.of();
        int k = split(n);
        return m < k
                ? plus(path(m, entries.subList(0, k)), mth(entries.subList(k, n)))
                : plus(path(m - k, entries.subList(k, n)), mth(entries.subList(0, k)));
    }

    static List<Sha256> proof(int m, List<byte[]> entries) {
        return subproof(m, entries, true);
    }

    private static List<Sha256> subproof(int m, List<byte[]> entries, boolean whole) {
        int n = entries.size();
        if (m == n) return whole ? List.of() : List.of(mth(entries));
        int k = split(n);
        return m <= k
                ? plus(subproof(m, entries.subList(0, k), whole), mth(entries.subList(k, n)))
                : plus(subproof(m - k, entries.subList(k, n), false), mth(entries.subList(0, k)));
    }

    private static int split(int n) {
        int k = 1;
        while (k * 2 < n) k *= 2;
        return k;
    }

    private static List<Sha256> plus(List<Sha256> list, Sha256 last) {
        var longer = new ArrayList<>(list);
        longer.add(last);
        return longer;
    }
}
