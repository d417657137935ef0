package dev.guardrail.condition;

import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// When two CEL values are the same: numbers by value, lists by position, maps by key, everything else by `equals`.
/// Values of different kinds are never the same; that is no error.
final class Equality {
    private Equality() {}

    static boolean same(@Nullable Object one, @Nullable Object other) {
        if (one == null || other == null) return one == null && other == null;
        if (one instanceof String text) return text.equals(other);
        if (one instanceof Long || one instanceof Double)
            return other instanceof Number number && same((Number) one, number);
        if (one instanceof List<?> list) return other instanceof List<?> items && same(list, items);
        if (one instanceof Map<?, ?> map) return other instanceof Map<?, ?> members && same(map, members);
        return one.equals(other);
    }

    private static boolean same(Number one, Number other) {
        if (other instanceof Long || other instanceof Double) return Numbers.compare(one, other) == 0;
        return dev.cel.common.internal.ComparisonFunctions.numericEquals(one, other);
    }

    private static boolean same(List<?> one, List<?> other) {
        Iterator<?> others = other.iterator();
        for (Object item : one) if (!others.hasNext() || !same(item, others.next())) return false;
        return !others.hasNext();
    }

    private static boolean same(Map<?, ?> one, Map<?, ?> other) {
        if (one.size() != other.size()) return false;
        for (var entry : one.entrySet()) {
            if (!other.containsKey(entry.getKey()) || !same(entry.getValue(), other.get(entry.getKey()))) return false;
        }
        return true;
    }
}
