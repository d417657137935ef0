package dev.guardrail.server.upstream.resource;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.JsonObject;
import dev.guardrail.call.CallId;
import dev.guardrail.call.PathFacts;
import dev.guardrail.server.upstream.Secret;
import dev.guardrail.server.upstream.resource.Shelf.Manner;
import dev.guardrail.undo.Compensator.Look;
import dev.guardrail.undo.Compensator.Restored;
import dev.guardrail.undo.Hindrance;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

final class HttpResourcesSpec {
    private static final CallId BY = new CallId("call_undo");
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final int EFFECTS = 25;

    @SuppressWarnings("NullAway.Init") // set before each
    private Shelf shelf;

    @SuppressWarnings("NullAway.Init") // set before each
    private HttpResources resources;

    @BeforeEach
    void start() throws IOException {
        shelf = new Shelf();
        resources = new HttpResources("crm", shelf.base(), Optional.empty(), new Random(1), LONG);
    }

    @AfterEach
    void end() {
        resources.close();
        shelf.close();
    }

    private static JsonObject target(String path) {
        return JsonObject.with("path", path).build();
    }

    private Look look(String path) throws IOException {
        return resources.look(target(path), PathFacts.NONE);
    }

    private Look.Seen seen(String path) throws IOException {
        return assertInstanceOf(Look.Seen.class, look(path));
    }

    private String unfit(String path) throws IOException {
        return assertInstanceOf(Look.Unfit.class, look(path)).why();
    }

    private Restored restore(String path, Look.Seen then, Look.Seen now) throws IOException {
        return resources.restore(target(path), then.state(), now.version(), BY, PathFacts.NONE);
    }

    private record Moment(String path, Look.Seen before, Look.Seen after, Map<String, String> all) {}

    @RepeatedTest(20)
    void a_session_is_put_back_byte_for_byte_in_reverse(RepetitionInfo repetition) throws IOException {
        var random = new Random(repetition.getCurrentRepetition());
        shelf.put("a", "alpha");
        shelf.put("b/c", "application/json", "{\"n\":1}".getBytes(UTF_8));
        var moments = new ArrayDeque<Moment>();
        while (moments.size() < EFFECTS) {
            String path = List.of("a", "b/c", "d%20e", "new", "b").get(random.nextInt(5));
            Map<String, String> all = shelf.all();
            Look.Seen before = seen(path);
            effect(random, path.replace("%20", " "));
            if (!shelf.all().equals(all)) moments.push(new Moment(path, before, seen(path), all));
        }
        for (Moment moment : moments) {
            assertEquals(new Restored.Done(), restore(moment.path(), moment.before(), moment.after()));
            assertEquals(moment.all(), shelf.all());
            assertEquals(moment.before(), seen(moment.path()), "equal states look equal, whatever their ETag");
        }
    }

    private void effect(Random random, String path) {
        byte[] bytes = new byte[random.nextInt(40)];
        switch (random.nextInt(4)) {
            case 0 -> shelf.delete(path);
            case 1 -> shelf.put(path, "text/plain; charset=utf-8", ("ü" + random.nextInt()).getBytes(UTF_8));
            case 2 -> shelf.put(path, "application/json", ("{\"n\":" + random.nextInt() + "}").getBytes(UTF_8));
            default -> {
                random.nextBytes(bytes);
                shelf.put(path, "image/png", bytes);
            }
        }
    }

    @Test
    void text_is_kept_as_text_and_nothing_as_nothing() throws IOException {
        shelf.put("a", "naïve");
        shelf.put("b", "image/png", new byte[] {(byte) 0xFF, 0});

        assertEquals(
                "{\"there\":true,\"type\":\"text/plain\",\"text\":\"naïve\"}",
                seen("a").state().toString());
        assertEquals(
                "{\"there\":true,\"type\":\"image/png\",\"base64\":\"/wA=\"}",
                seen("b").state().toString());
        assertEquals("{\"there\":false}", seen("c").state().toString());
        assertEquals(List.of(shelf.base() + "b"), seen("b/?x=1").touches());
    }

    @Test
    void what_somebody_changed_since_is_left_alone() throws IOException {
        shelf.put("a", "before");
        Look.Seen before = seen("a");
        shelf.put("a", "after");
        Look.Seen after = seen("a");
        shelf.put("a", "foreign");

        assertEquals(new Restored.Changed(), restore("a", before, after));
        assertEquals("foreign", shelf.text("a"));
        shelf.delete("a");
        assertEquals(new Restored.Changed(), restore("a", before, after));
        assertEquals("", shelf.text("a"));
        shelf.put("a", "after");
        assertEquals(new Restored.Done(), restore("a", before, after));
        assertEquals("before", shelf.text("a"));
        assertEquals(new Restored.Done(), restore("a", before, after), "again");
    }

    @Test
    void what_somebody_changes_between_reading_and_writing_is_left_alone() throws IOException {
        shelf.put("changed", "before");
        Look.Seen before = seen("changed");
        shelf.put("changed", "after");
        shelf.beforeChange = Optional.of(() -> shelf.put("changed", "foreign"));
        assertEquals(new Restored.Changed(), restore("changed", before, seen("changed")));
        assertEquals("foreign", shelf.text("changed"));

        Look.Seen nothing = seen("made");
        shelf.put("made", "after");
        shelf.beforeChange = Optional.of(() -> shelf.put("made", "foreign"));
        assertEquals(new Restored.Changed(), restore("made", nothing, seen("made")));
        assertEquals("foreign", shelf.text("made"));

        shelf.put("gone", "before");
        Look.Seen there = seen("gone");
        shelf.delete("gone");
        shelf.beforeChange = Optional.of(() -> shelf.put("gone", "foreign"));
        assertEquals(new Restored.Changed(), restore("gone", there, seen("gone")));
        assertEquals("foreign", shelf.text("gone"));
    }

    @Test
    void a_server_that_does_not_compare_is_found_out_by_the_first_change() throws IOException {
        shelf.put("a", "before");
        Look.Seen before = seen("a");
        shelf.put("a", "after");
        Look.Seen after = seen("a");
        shelf.manner = Manner.CARELESS;

        assertEquals(new Restored.Done(), restore("a", before, after));
        assertEquals("before", shelf.text("a"));
        assertEquals("its server writes without comparing", unfit("a"));
        assertInstanceOf(
                Look.Seen.class,
                resources.again(target("a"), before.state(), false, PathFacts.NONE),
                "what was promised is still compared");
        shelf.put("a", "foreign");
        assertEquals(new Restored.Changed(), restore("a", before, after));
        assertEquals("foreign", shelf.text("a"));
    }

    @Test
    void what_is_there_afterwards_decides_whether_it_was_put_back() throws IOException {
        shelf.put("a", "before");
        Look.Seen before = seen("a");
        shelf.put("a", "after");
        Look.Seen after = seen("a");
        for (Manner manner : List.of(Manner.IDLE, Manner.BUSY)) {
            shelf.manner = manner;
            assertThrows(IOException.class, () -> restore("a", before, after), manner.name());
            shelf.put("a", "after");
        }
        shelf.manner = Manner.SOUND;
        assertEquals(new Restored.Done(), restore("a", before, after));
    }

    @Test
    void what_has_no_strong_version_cannot_be_taken_back() throws IOException {
        shelf.put("a", "before");
        assertInstanceOf(Look.Seen.class, look("a"));
        shelf.manner = Manner.WEAK;
        assertEquals("its address gives no strong ETag, so nobody could tell what changed since", unfit("a"));
        shelf.manner = Manner.BARE;
        assertEquals("its address gives no ETag, so nobody could tell what changed since", unfit("a"));
        shelf.manner = Manner.ENCODED;
        assertEquals("its address answers with an encoding", unfit("a"));
    }

    @Test
    void no_redirect_is_followed() throws IOException {
        shelf.put("a", "before");
        Look.Seen before = seen("a");
        shelf.manner = Manner.MOVED;

        assertEquals("its address answers 307", unfit("a"));
        assertEquals(new Restored.Refused("its address answers 307"), restore("a", before, before));
        assertTrue(shelf.heard.stream().noneMatch(line -> line.contains("elsewhere")), shelf.heard::toString);
    }

    @Test
    void what_is_too_large_is_not_kept() throws IOException {
        shelf.put("fits", "x".repeat(600 * 1024));
        assertEquals(new Restored.Done(), restore("fits", seen("fits"), seen("fits")));
        shelf.put("text", "x".repeat(700 * 1024 + 1));
        shelf.put("binary", "image/png", random(600 * 1024));
        for (String path : List.of("text", "binary")) {
            assertEquals("what it takes to put it back is larger than 700 KiB", unfit(path));
            assertEquals(
                    Hindrance.TOO_LARGE,
                    assertInstanceOf(Look.Unfit.class, look(path)).kind());
        }
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(7).nextBytes(bytes);
        return bytes;
    }

    @Test
    void a_server_that_fails_or_says_nothing_is_a_failure() throws IOException {
        shelf.put("a", "before");
        Look.Seen before = seen("a");
        shelf.manner = Manner.FAILING;
        assertThrows(IOException.class, () -> look("a"));
        assertInstanceOf(Restored.Refused.class, restore("a", before, before));

        shelf.manner = Manner.SILENT;
        try (var hasty =
                new HttpResources("crm", shelf.base(), Optional.empty(), new Random(1), Duration.ofMillis(300))) {
            assertThrows(IOException.class, () -> hasty.look(target("a"), PathFacts.NONE));
            assertInstanceOf(
                    Restored.Refused.class,
                    hasty.restore(target("a"), before.state(), before.version(), BY, PathFacts.NONE));
        }
    }

    @Test
    void the_credential_is_shown_to_the_server() throws IOException {
        shelf.put("a", "before");
        shelf.bearer = "token";
        assertThrows(IOException.class, () -> look("a"));
        try (var known =
                new HttpResources("crm", shelf.base(), Optional.of(new Secret(() -> "token")), new Random(1), LONG)) {
            assertInstanceOf(Look.Seen.class, known.look(target("a"), PathFacts.NONE));
        }
    }

    @Test
    void nothing_outside_is_asked() throws IOException {
        for (String path : List.of(
                "",
                "/a",
                "//other.example/a",
                "../a",
                "a/../../b",
                "a/..",
                "a/./b",
                "a//b",
                "..;x/a",
                "%2e%2e/a",
                "a%2Fb",
                "a\\b",
                "a%5cb",
                "a%00",
                "a%",
                "a%zz",
                "a%252e",
                "a#b",
                "a\nb",
                "a\uD800",
                "a".repeat(3_000))) {
            assertEquals("its path is none below the server's URL", unfit(path), path);
            assertInstanceOf(
                    Restored.Refused.class,
                    resources.restore(target(path), Representation.NOTHING.json(), "", BY, PathFacts.NONE));
        }
        assertEquals(List.of(), shelf.heard);
    }

    @Test
    void one_resource_has_one_text() {
        var texts = Map.of(
                "customers/7",
                "customers/7",
                "customers/7/",
                "customers/7/",
                "http://other.example".replace("//", "/"),
                "http:/other.example",
                "a b/ü",
                "a%20b/%C3%BC",
                "%61%2d%c3%bc",
                "a-%C3%BC",
                "a?q=1/2?3&x=ü",
                "a?q=1/2?3&x=%C3%BC",
                "@host",
                "@host",
                "😀",
                "%F0%9F%98%80");
        texts.forEach((path, text) -> assertEquals(
                shelf.base() + text,
                Address.below(shelf.base(), path).orElseThrow().url().toString()));
    }
}
