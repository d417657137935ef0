package dev.guardrail.base;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.guardrail.testing.AnyJson;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;

class StrictJsonLaws {

    @RepeatedTest(1_000)
    void what_is_written_is_read_back_equal(RepetitionInfo run) {
        Json any = new AnyJson(run.getCurrentRepetition()).value();

        byte[] written = JsonWriter.bytes(any);

        assertEquals(any, StrictJson.parse(written));
        assertArrayEquals(written, JsonWriter.bytes(StrictJson.parse(written)));
    }

    @RepeatedTest(1_000)
    void canonical_bytes_are_a_fixed_point_and_ignore_the_order_of_members(RepetitionInfo run) {
        Json any = new AnyJson(run.getCurrentRepetition()).value();

        byte[] canonical = CanonicalJson.bytes(any);

        Json read = StrictJson.parse(canonical);
        assertArrayEquals(canonical, CanonicalJson.bytes(read));
        assertArrayEquals(canonical, JsonWriter.bytes(read));
        assertArrayEquals(canonical, CanonicalJson.bytes(shuffled(any, new Random(run.getCurrentRepetition()))));
    }

    @RepeatedTest(1_000)
    void a_double_is_written_as_its_shortest_form(RepetitionInfo run) {
        double any = new AnyJson(run.getCurrentRepetition()).anyDouble();

        String written = CanonicalJson.number(any);

        assertEquals(any, Double.parseDouble(written));
        assertEquals(0, new BigDecimal(written).compareTo(new BigDecimal(Double.toString(any))));
        assertEquals(written, new String(CanonicalJson.bytes(JsonNumber.of(any)), StandardCharsets.UTF_8));
    }

    /// Whatever bytes come, the answer is a value or a refusal, and a value survives a round trip.
    @RepeatedTest(1_000)
    void damaged_input_is_refused_or_read_as_something_else(RepetitionInfo run) throws CharacterCodingException {
        var random = new Random(run.getCurrentRepetition());
        Json any = new AnyJson(run.getCurrentRepetition()).value();
        byte[] bytes = JsonWriter.bytes(any);
        int place = random.nextInt(bytes.length);
        bytes[place] ^= (byte) (1 << random.nextInt(8));

        try {
            Json read = StrictJson.parse(bytes);
            assertNotEquals(any, read);
            assertEquals(read, StrictJson.parse(JsonWriter.bytes(read)));
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
        } catch (MalformedJson refused) {
            assertEquals(ProblemType.MALFORMED_CALL, refused.type());
        }
    }

    private static Json shuffled(Json json, Random random) {
        return switch (json) {
            case JsonObject object -> {
                var names = new ArrayList<>(object.members().keySet());
                Collections.shuffle(names, random);
                var members = new LinkedHashMap<String, Json>();
                for (String name : names)
                    members.put(name, shuffled(object.members().get(name), random));
                yield new JsonObject(members);
            }
            case JsonArray array ->
                new JsonArray(array.items().stream()
                        .map(item -> shuffled(item, random))
                        .toList());
            case JsonText text -> text;
            case JsonNumber number -> number;
            case JsonBoolean bool -> bool;
            case JsonNull none -> none;
        };
    }
}
