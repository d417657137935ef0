package dev.guardrail.server.door.mcp;

/// Fuzz target of the parser of the wire (docs/reliability.md).
public final class MessageFuzz {
    private static final MessageOracle ORACLE = new MessageOracle();

    private MessageFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) {
        ORACLE.judge(input);
    }
}
