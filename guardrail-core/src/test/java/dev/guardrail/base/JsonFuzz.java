package dev.guardrail.base;

/// Fuzz target of the strict parser and the writers (docs/reliability.md).
public final class JsonFuzz {
    private static final JsonOracle ORACLE = new JsonOracle();

    private JsonFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) {
        ORACLE.judge(input);
    }
}
