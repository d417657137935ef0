package dev.guardrail.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.call.CallId;
import dev.guardrail.call.SessionId;
import dev.guardrail.call.ToolName;
import dev.guardrail.stop.Target;
import org.junit.jupiter.api.Test;

/// Which calls this process runs or is about to run.
final class RunningSpec {
    private static final CallId CALL = new CallId("call_1");
    private static final CallId OTHER = new CallId("call_2");
    private static final Target TARGET = new Target("coder", new SessionId("ses_1"), ToolName.parse("files.write"));

    private final Running running = new Running();

    @Test
    void a_call_is_running_until_everybody_who_began_it_has_ended() {
        running.begin(CALL, TARGET);
        running.begin(CALL, TARGET);

        running.end(CALL);
        assertTrue(running.has(CALL), "the loser of a race does not end the winner's run");
        assertEquals(1, running.count());

        running.end(CALL);
        assertFalse(running.has(CALL));
    }

    @Test
    void the_end_of_one_call_is_not_that_of_another() {
        running.begin(CALL, TARGET);
        running.begin(OTHER, TARGET);

        running.end(OTHER);

        assertTrue(running.has(CALL));
        assertFalse(running.has(OTHER));
    }
}
