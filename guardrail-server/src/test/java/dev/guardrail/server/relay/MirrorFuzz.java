package dev.guardrail.server.relay;

/// Fuzz target of mirrored headers (docs/reliability.md).
public final class MirrorFuzz {
    private static final MirrorOracle ORACLE = new MirrorOracle();

    private MirrorFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) {
        ORACLE.judge(input);
    }
}
