package dev.guardrail.planted.policy;

import java.io.File;
import java.time.Instant;
import java.time.InstantSource;

/// Planted: a decision that reads a clock and a file, and prints.
final class Impure {
    boolean decide(InstantSource clock) {
        System.out.println(Instant.now());
        return new File("policy").exists() && clock.millis() > 0;
    }
}
