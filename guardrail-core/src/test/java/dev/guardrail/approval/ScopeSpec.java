package dev.guardrail.approval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.MalformedJson;
import dev.guardrail.base.StrictJson;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// How a scope is written.
class ScopeSpec {
    private static Scope scope(String json) {
        return Scope.parse((JsonObject) StrictJson.parse(json.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void what_is_left_out_is_the_narrowest() {
        var scope = scope("{\"for\":\"8h\"}");
        assertTrue(scope.reach().session());
        assertEquals(Set.of(), scope.reach().free());
        assertEquals(Duration.ofHours(8), scope.life());
        assertEquals(Scope.CALLS, scope.calls());
        assertEquals(scope, scope("{\"session\":true,\"for\":\"480m\",\"calls\":20,\"vary\":[]}"));
    }

    @Test
    void whatever_it_was_written_like_its_digest_is_one() {
        var one = scope(
                "{\"agent\":true,\"for\":\"8h\",\"vary\":[\"b\",\"a\"],\"sum\":{\"max\":5e2,\"argument\":\"n\"}}");
        var other = scope("{\"sum\":{\"argument\":\"n\",\"max\":500},\"calls\":20,\"vary\":[\"a\",\"b\"],"
                + "\"for\":\"480m\",\"agent\":true}");
        assertEquals(one.digest(), other.digest());
        assertEquals(one, Scope.parse(one.json()));
        for (String different : new String[] {
            "{\"session\":true,\"for\":\"8h\",\"vary\":[\"b\",\"a\"],\"sum\":{\"max\":500,\"argument\":\"n\"}}",
            "{\"agent\":true,\"for\":\"7h\",\"vary\":[\"b\",\"a\"],\"sum\":{\"max\":500,\"argument\":\"n\"}}",
            "{\"agent\":true,\"for\":\"8h\",\"vary\":[\"b\"],\"sum\":{\"max\":500,\"argument\":\"n\"}}",
            "{\"agent\":true,\"for\":\"8h\",\"vary\":[\"b\",\"a\"],\"sum\":{\"max\":501,\"argument\":\"n\"}}",
            "{\"agent\":true,\"for\":\"8h\",\"calls\":21,\"vary\":[\"b\",\"a\"],\"sum\":{\"max\":500,\"argument\":\"n\"}}"
        }) assertNotEquals(one.digest(), scope(different).digest(), different);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"for\":\"eight hours\"}",
                "{\"for\":8}",
                "{\"for\":\"8h\",\"forever\":true}",
                "{\"for\":\"8h\",\"session\":true,\"agent\":true}",
                "{\"for\":\"8h\",\"session\":false}",
                "{\"for\":\"8h\",\"agent\":\"coder\"}",
                "{\"for\":\"8h\",\"calls\":1}",
                "{\"for\":\"8h\",\"calls\":1001}",
                "{\"for\":\"8h\",\"calls\":\"many\"}",
                "{\"for\":\"8h\",\"vary\":\"body\"}",
                "{\"for\":\"8h\",\"vary\":[1]}",
                "{\"for\":\"8h\",\"vary\":[\"\"]}",
                "{\"for\":\"8h\",\"vary\":[\"n\"],\"sum\":{\"argument\":\"n\",\"max\":5}}",
                "{\"for\":\"8h\",\"sum\":{\"argument\":\"n\"}}",
                "{\"for\":\"8h\",\"sum\":{\"argument\":\"n\",\"max\":-1}}",
                "{\"for\":\"8h\",\"sum\":{\"argument\":\"n\",\"max\":1e30}}",
                "{\"for\":\"8h\",\"sum\":{\"argument\":\"n\",\"max\":5,\"min\":1}}"
            })
    void anything_else_is_refused(String json) {
        assertThrows(MalformedJson.class, () -> scope(json));
    }
}
