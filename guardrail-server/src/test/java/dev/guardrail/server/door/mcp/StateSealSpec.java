package dev.guardrail.server.door.mcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.JsonNumber;
import dev.guardrail.base.JsonObject;
import dev.guardrail.call.Caller;
import dev.guardrail.server.relay.Line;
import dev.guardrail.server.relay.Way;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// State that a client gives back: good once, for whom and for what it was given, and not for long.
class StateSealSpec {
    private static final String READ = "{\"uri\":\"a://b\",\"_meta\":{\"n\":1}}";

    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 1);
    private final Pulse pulse = new Pulse();
    private final StateSeal seal = new StateSeal(new SecureRandom(), nanos::get);
    private final Asked coder = asked("coder", "files", "resources/read", READ);

    @AfterEach
    void stop() {
        pulse.close();
    }

    private Asked asked(String agent, String server, String method, String params) {
        return new Asked(
                new Message.Request(new RpcId(JsonNumber.of(1)), method, DoorUnderTest.parse(params)),
                new Caller(Caller.Kind.AGENT, agent, Set.of(), Set.of(), Set.of(), Optional.empty()),
                server,
                new Way.Stateless(),
                JsonObject.EMPTY,
                "http://localhost",
                Map.of(),
                new Exchange(new Accepts(true, true), pulse, Duration.ofMinutes(1), new Channel("c", true)),
                Line.nobody());
    }

    private String sealed() {
        return seal.seal(coder, new StateSeal.State(Optional.of("own"), List.of("q")));
    }

    private boolean opens(Asked asked, String text) {
        return seal.open(asked, text).isPresent();
    }

    @Test
    void what_was_sealed_is_opened_once_even_where_policy_sees_no_difference() {
        String text = sealed();
        assertFalse(text.contains("own"));
        assertNotEquals(text, sealed(), "the same state is never sealed alike");
        var again = asked(
                "coder",
                "files",
                "resources/read",
                "{\"uri\":\"a://b\",\"_meta\":{\"n\":2},\"inputResponses\":{\"q\":{}},\"requestState\":\"x\"}");
        assertEquals(Optional.of(new StateSeal.State(Optional.of("own"), List.of("q"))), seal.open(again, text));
        assertFalse(opens(again, text));
        String held = seal.seal(coder, new StateSeal.State(Optional.empty(), List.of("call_1")));
        assertEquals(Optional.of(new StateSeal.State(Optional.empty(), List.of("call_1"))), seal.open(coder, held));
    }

    @Test
    void it_is_of_no_use_to_anybody_else_or_for_anything_else() {
        String text = sealed();
        for (Asked other : new Asked[] {
            asked("thief", "files", "resources/read", READ),
            asked("coder", "other", "resources/read", READ),
            asked("coder", "files", "prompts/get", READ),
            asked("coder", "files", "resources/read", "{\"uri\":\"a://c\"}"),
            asked("coder", "files", "resources/read", "{\"uri\":\"a://b\",\"more\":1}")
        }) assertFalse(opens(other, text));
        assertFalse(
                new StateSeal(new SecureRandom(), nanos::get).open(coder, text).isPresent(), "another process");
        assertTrue(opens(coder, text));
    }

    @Test
    void no_bit_of_it_can_be_changed() {
        String text = sealed();
        for (int at = 0; at < text.length(); at++) {
            char other = text.charAt(at) == 'A' ? 'B' : 'A';
            String changed = text.substring(0, at) + other + text.substring(at + 1);
            // The last character of base64 has bits that stand for nothing: such a spelling is the same seal.
            if (at < text.length() - 1) assertFalse(opens(coder, changed), changed);
        }
        for (String none : new String[] {"", "grs1.", "grs1.AAAA", "own", text + "A", text.substring(5), "grs1.ä"})
            assertFalse(opens(coder, none), none);
        assertTrue(opens(coder, text));
    }

    @Test
    void it_is_good_for_half_an_hour() {
        String first = sealed();
        String second = sealed();
        nanos.addAndGet(Duration.ofMinutes(30).toNanos() - 1);
        assertTrue(opens(coder, first));
        nanos.addAndGet(1);
        assertFalse(opens(coder, second));
        assertTrue(opens(coder, sealed()));
    }

    @Test
    void the_used_ones_are_remembered_as_long_as_they_would_be_good() {
        String first = sealed();
        assertTrue(opens(coder, first));
        for (int other = 0; other < 1_000; other++) assertTrue(opens(coder, sealed()));
        nanos.addAndGet(Duration.ofMinutes(29).toNanos());
        assertTrue(opens(coder, sealed()));
        assertFalse(opens(coder, first));
    }
}
