package dev.guardrail.server.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.server.relay.TraceContext;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What is taken for a trace context.
class TraceContextSpec {
    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String SPAN = "00f067aa0ba902b7";
    private static final String PARENT = "00-" + TRACE + "-" + SPAN + "-01";

    @Test
    void only_what_is_to_the_letter_is_a_context() {
        assertTrue(TraceContext.parse(PARENT, "").isPresent());
        assertTrue(
                TraceContext.parse("01-" + TRACE + "-" + SPAN + "-01-more", "").isPresent());
        for (String wrong : List.of(
                "",
                PARENT.toUpperCase(java.util.Locale.ROOT),
                PARENT + "-more",
                " " + PARENT,
                "ff" + PARENT.substring(2),
                "00-" + "0".repeat(32) + "-" + SPAN + "-01",
                "00-" + TRACE + "-" + "0".repeat(16) + "-01"))
            assertTrue(TraceContext.parse(wrong, "").isEmpty(), wrong);
        assertEquals(
                "a=1,b@c=2",
                TraceContext.parse(PARENT, "a=1,b@c=2").orElseThrow().state());
        for (String wrong : List.of("a", "a=1,a=2", "A=1", "a=\u0001", "a=" + "x".repeat(600)))
            assertEquals("", TraceContext.parse(PARENT, wrong).orElseThrow().state(), wrong);
    }
}
