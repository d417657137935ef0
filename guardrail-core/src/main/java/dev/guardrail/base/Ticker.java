package dev.guardrail.base;

/// Monotonic time of this boot in nanoseconds, from an arbitrary start; lifetimes are measured on it.
@FunctionalInterface
public interface Ticker {
    long nanos();
}
