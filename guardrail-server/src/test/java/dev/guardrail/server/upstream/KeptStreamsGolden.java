package dev.guardrail.server.upstream;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.testing.KeptInputs;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What fuzzing kept of upstreams' streams, judged again; and proof that the judge sees.
class KeptStreamsGolden {
    private static final List<byte[]> KEPT = KeptInputs.of("stream");
    private static final int CAP = StreamOracle.CAP;

    @Test
    void every_kept_input_passes() {
        var oracle = new StreamOracle();
        KEPT.forEach(oracle::judge);
        assertTrue(KEPT.size() > 50, () -> KEPT.size() + " inputs");
    }

    @Test
    void the_kept_inputs_betray_a_wrong_reader() {
        StreamOracle.Reader lines = in -> new LineSplitter(in, CAP)::next;
        StreamOracle.Reader events = in -> new EventReader(in, CAP, Long.MAX_VALUE)::next;
        assertTrue(betrayed(new StreamOracle(events, events)), "events for lines");
        assertTrue(betrayed(new StreamOracle(lines, lines)), "lines for events");
        assertTrue(betrayed(new StreamOracle(in -> new LineSplitter(in, CAP + 1)::next, events)), "a wider cap");
        assertTrue(betrayed(new StreamOracle(in -> new LineSplitter(in, CAP - 1)::next, events)), "a narrower cap");
    }

    private static boolean betrayed(StreamOracle oracle) {
        return KEPT.stream().anyMatch(input -> {
            try {
                oracle.judge(input);
                return false;
            } catch (AssertionError | RuntimeException found) {
                return true;
            }
        });
    }
}
