package dev.guardrail.server.wiring;

import dev.guardrail.base.IdSource;
import dev.guardrail.base.Ticker;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.InstantSource;

/// Time and chance as the whole guard takes them.
///
/// @param random a cryptographic source
public record Clocks(InstantSource wall, Ticker ticker, SecureRandom random) {

    /// Those of this machine.
    public static Clocks system() {
        return new Clocks(Clock.systemUTC(), System::nanoTime, new SecureRandom());
    }

    IdSource ids() {
        return IdSource.of(wall, random);
    }
}
