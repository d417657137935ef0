package dev.guardrail.server.door.mcp;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonWriter;
import dev.guardrail.base.StrictJson;
import dev.guardrail.testing.ForeignJson;
import dev.guardrail.testing.KeptInputs;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// What fuzzing kept of the wire, judged again; and proof that the judge sees.
class KeptMessagesGolden {
    private static final List<byte[]> KEPT = KeptInputs.of("message");

    /// Readers that are wrong in one way each.
    private static final Map<String, MessageOracle.Reader> WRONG = Map.of(
            "a name may stand twice",
            KeptMessagesGolden::lastName,
            "a notification becomes a request",
            KeptMessagesGolden::withId,
            "parameters are dropped",
            KeptMessagesGolden::withoutParams,
            "an exception instead of a value",
            (bytes, limits) -> MessageReader.read(JsonWriter.bytes(StrictJson.parse(bytes, limits)), limits));

    @Test
    void every_kept_input_passes() {
        var oracle = new MessageOracle();
        KEPT.forEach(oracle::judge);
        assertTrue(KEPT.size() > 100, () -> KEPT.size() + " inputs");
    }

    @TestFactory
    Stream<DynamicTest> the_kept_inputs_betray_a_wrong_reader() {
        return WRONG.entrySet().stream()
                .map(wrong -> DynamicTest.dynamicTest(
                        wrong.getKey(), () -> assertTrue(betrayed(new MessageOracle(wrong.getValue())))));
    }

    private static boolean betrayed(MessageOracle oracle) {
        return KEPT.stream().anyMatch(input -> {
            try {
                oracle.judge(input);
                return false;
            } catch (AssertionError | RuntimeException found) {
                return true;
            }
        });
    }

    private static Message lastName(byte[] bytes, StrictJson.Limits limits) {
        return ForeignJson.lenient(bytes)
                .map(json -> MessageReader.read(JsonWriter.bytes(json), limits))
                .orElseGet(() -> MessageReader.read(bytes, limits));
    }

    private static Message withId(byte[] bytes, StrictJson.Limits limits) {
        return MessageReader.read(bytes, limits) instanceof Message.Notification(String method, JsonObject params)
                ? new Message.Request(
                        RpcId.of(dev.guardrail.base.JsonNumber.of(1)).orElseThrow(), method, params)
                : MessageReader.read(bytes, limits);
    }

    private static Message withoutParams(byte[] bytes, StrictJson.Limits limits) {
        return MessageReader.read(bytes, limits) instanceof Message.Request(RpcId id, String method, JsonObject params)
                ? new Message.Request(id, method, JsonObject.EMPTY)
                : MessageReader.read(bytes, limits);
    }
}
