package dev.guardrail.base;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Points in time, read as the JDK reads them.
final class MomentsSpec {

    @Test
    void whatever_an_instant_writes_is_read_back() {
        var random = new Random(7);
        for (int i = 0; i < 2_000; i++) {
            var second = Instant.ofEpochSecond(random.nextLong(-70_000_000_000L, 300_000_000_000L));
            var moment = random.nextBoolean() ? second : second.plusMillis(random.nextInt(1_000));
            assertEquals(moment, Moments.parse(moment.toString()));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "2024-02-29T23:59:59Z",
                "2026-01-01T00:00:00.000001Z",
                "2026-01-01T24:00:00Z",
                "2016-12-31T23:59:60Z",
                "+12026-01-01T00:00:00Z",
                "-0001-01-01T00:00:00Z",
                "2026-01-01T12:00:00+01:00",
                "2026-01-01t12:00:00z"
            })
    void odd_ones_are_read_as_the_jdk_reads_them(String text) {
        assertEquals(Instant.parse(text), Moments.parse(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "2026-02-29T00:00:00Z",
                "2026-13-01T00:00:00Z",
                "2026-01-01T25:00:00Z",
                "2026-01-01 00:00:00Z",
                "2026-01-0xT00:00:00Z",
                "2026-01-01T00:00:00.00xZ"
            })
    void what_is_no_time_is_none(String text) {
        assertThrows(DateTimeParseException.class, () -> Moments.parse(text));
    }
}
