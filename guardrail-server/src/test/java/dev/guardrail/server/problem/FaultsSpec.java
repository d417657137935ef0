package dev.guardrail.server.problem;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.ProblemType;
import dev.guardrail.base.StrictJson;
import dev.guardrail.pipeline.Refusal;
import io.micronaut.http.MutableHttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/// Whatever is thrown is answered, and nothing of it that a stranger may have written is shown.
class FaultsSpec {
    private static MutableHttpResponse<byte[]> answer(Throwable thrown) {
        Supplier<MutableHttpResponse<byte[]>> work = () -> {
            if (thrown instanceof Error error) throw error;
            throw (RuntimeException) thrown;
        };
        return Faults.answered(work, problem -> problem);
    }

    private static String text(MutableHttpResponse<byte[]> response) {
        return new String(response.body(), StandardCharsets.UTF_8);
    }

    @Test
    void errors_and_exceptions_are_an_internal_problem_without_their_message() {
        for (Throwable thrown : List.of(
                new ExceptionInInitializerError("card 4111"),
                new StackOverflowError("card 4111"),
                new OutOfMemoryError("card 4111"),
                new IllegalStateException("card 4111", new RuntimeException("card 4111")))) {
            var response = answer(thrown);
            assertEquals(500, response.code());
            assertTrue(text(response).contains("/problems/internal"), text(response));
            assertFalse(text(response).contains("4111"));
            assertFalse(Faults.trace(thrown).contains("4111"));
            assertTrue(Faults.trace(thrown).contains(thrown.getClass().getName()));
        }
    }

    @Test
    void refusals_say_what_they_say() {
        var response = answer(new Refusal(ProblemType.CONFLICT, "use a new key"));

        assertEquals(409, response.code());
        assertEquals(
                "{\"type\":\"https://guardrail.dev/problems/conflict\",\"title\":\"conflict\",\"status\":409,"
                        + "\"detail\":\"use a new key\"}",
                text(response));
        assertEquals(405, answer(new HttpRefusal(405, "no")).code());
    }

    @Test
    void every_type_is_a_whole_problem_of_its_status() {
        for (ProblemType type : ProblemType.values()) {
            var response = Problems.of(type, "d", JsonObject.with("more", "yes").build());
            var body = (JsonObject) StrictJson.parse(response.body());
            assertEquals(type.status(), response.code());
            assertEquals(Problems.SITE + type.slug(), body.text("type").orElseThrow());
            assertEquals(
                    "application/problem+json",
                    response.getContentType().orElseThrow().getName());
            assertTrue(body.has("title") && body.has("detail") && body.has("more"));
        }
    }
}
