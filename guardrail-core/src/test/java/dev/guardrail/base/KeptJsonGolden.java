package dev.guardrail.base;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.testing.ForeignJson;
import dev.guardrail.testing.KeptInputs;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// What fuzzing kept, judged again; and proof that the judge sees.
class KeptJsonGolden {
    private static final List<byte[]> KEPT = KeptInputs.of("json");

    /// Parsers that are wrong in one way each.
    private static final Map<String, JsonOracle.Parser> WRONG = Map.of(
            "a name may stand twice",
            (bytes, limits) -> ForeignJson.lenient(bytes).orElseThrow(() -> new MalformedJson("expected a json value")),
            "every number is rounded",
            (bytes, limits) -> rounded(StrictJson.parse(bytes, limits)),
            "limits are forgotten",
            (bytes, limits) -> StrictJson.parse(bytes),
            "what follows is ignored",
            KeptJsonGolden::firstByteOnly,
            "a tab is no whitespace",
            KeptJsonGolden::withoutTabs);

    @Test
    void every_kept_input_passes() {
        var oracle = new JsonOracle();
        KEPT.forEach(oracle::judge);
        assertTrue(KEPT.size() > 100, () -> KEPT.size() + " inputs");
    }

    @TestFactory
    Stream<DynamicTest> the_kept_inputs_betray_a_wrong_parser() {
        return WRONG.entrySet().stream()
                .map(wrong -> DynamicTest.dynamicTest(
                        wrong.getKey(), () -> assertTrue(betrayed(new JsonOracle(wrong.getValue())))));
    }

    private static boolean betrayed(JsonOracle oracle) {
        return KEPT.stream().anyMatch(input -> {
            try {
                oracle.judge(input);
                return false;
            } catch (AssertionError | RuntimeException found) {
                return true;
            }
        });
    }

    private static Json rounded(Json json) {
        return json instanceof JsonNumber number ? JsonNumber.of((long) number.asDouble()) : json;
    }

    private static Json firstByteOnly(byte[] bytes, StrictJson.Limits limits) {
        boolean digit = bytes.length > 0 && bytes[0] >= '1' && bytes[0] <= '9';
        return digit ? JsonNumber.of(bytes[0] - '0') : StrictJson.parse(bytes, limits);
    }

    private static Json withoutTabs(byte[] bytes, StrictJson.Limits limits) {
        for (byte each : bytes) if (each == '\t') throw new MalformedJson("expected a json value");
        return StrictJson.parse(bytes, limits);
    }
}
