package dev.guardrail.server.relay;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.testing.KeptInputs;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// What fuzzing kept of mirrored headers, judged again; and proof that the judge sees.
class KeptHeadersGolden {
    private static final List<byte[]> KEPT = KeptInputs.of("header");

    @Test
    void every_kept_input_passes() {
        var oracle = new MirrorOracle();
        KEPT.forEach(oracle::judge);
        assertTrue(KEPT.size() > 50, () -> KEPT.size() + " inputs");
    }

    @Test
    void the_kept_inputs_betray_a_wrong_reader() {
        assertTrue(betrayed(Optional::of), "nothing is decoded");
        assertTrue(betrayed(KeptHeadersGolden::sloppy), "two spellings of one value");
    }

    /// Takes Base64 with and without its padding, as Java's decoder does.
    private static Optional<String> sloppy(String header) {
        if (!header.startsWith("=?base64?") || !header.endsWith("?=") || header.length() < 11)
            return Mirror.decode(header);
        try {
            byte[] bytes = Base64.getDecoder().decode(header.substring(9, header.length() - 2));
            return Optional.of(new String(bytes, UTF_8));
        } catch (IllegalArgumentException refused) {
            return Optional.empty();
        }
    }

    private static boolean betrayed(MirrorOracle.Decoding wrong) {
        var oracle = new MirrorOracle(wrong);
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
