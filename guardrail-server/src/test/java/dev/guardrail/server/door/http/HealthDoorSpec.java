package dev.guardrail.server.door.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.guardrail.server.door.Readiness;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class HealthDoorSpec {
    private static String ready(Optional<String> fault, List<String> worries) {
        var readiness = new Readiness() {
            @Override
            public Optional<String> fault() {
                return fault;
            }

            @Override
            public List<String> worries() {
                return worries;
            }
        };
        var answer = new HealthDoor(readiness, new PrometheusMeterRegistry(PrometheusConfig.DEFAULT)).ready();
        return answer.code() + " " + new String((byte[]) answer.body(), StandardCharsets.UTF_8);
    }

    @Test
    void a_guard_without_worries_is_up() {
        assertEquals("200 {\"status\":\"up\"}", ready(Optional.empty(), List.of()));
    }

    @Test
    void worries_are_told_and_keep_it_up() {
        assertEquals(
                "200 {\"status\":\"up\",\"worries\":[\"policies-watch\"]}",
                ready(Optional.empty(), List.of("policies-watch")));
    }

    @Test
    void what_keeps_calls_from_being_judged_comes_first() {
        assertEquals(
                true, ready(Optional.of("journal"), List.of("policies-watch")).startsWith("503 "));
    }
}
