package dev.guardrail.server.upstream;

/// Fuzz target of the readers of upstreams' streams (docs/reliability.md).
public final class StreamFuzz {
    private static final StreamOracle ORACLE = new StreamOracle();

    private StreamFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) {
        ORACLE.judge(input);
    }
}
