package dev.guardrail.server.upstream.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.StrictJson;
import dev.guardrail.call.CallId;
import dev.guardrail.call.PathFacts;
import dev.guardrail.server.upstream.Endpoint;
import dev.guardrail.undo.Compensator.Look;
import dev.guardrail.undo.Compensator.Restored;
import dev.guardrail.undo.Hindrance;
import dev.guardrail.undo.Verified;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Programs that answer, and programs that do not.
@Timeout(60)
final class CommandStatesSpec {
    private static final CallId BY = new CallId("call_undo");
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final JsonObject OBJECT = JsonObject.with("type", "object").build();
    private static final JsonObject TARGET = JsonObject.with("key", "a").build();
    private static final JsonObject STATE = JsonObject.with("value", "one").build();
    private static final String SEEN = "{\"answer\":\"seen\",\"state\":{\"value\":\"one\"},\"version\":\"v1\"}";

    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    private Path directory;

    private CommandStates states(String script) throws IOException {
        return states(script, LONG);
    }

    private CommandStates states(String script, Duration patience) throws IOException {
        Path file = Files.writeString(directory.resolve("program.sh"), script);
        return new CommandStates(
                "settings",
                new Endpoint.Stdio(
                        List.of("/bin/sh", file.toString()),
                        Map.of("PLACE", directory.toString()),
                        Optional.<Path>empty()),
                OBJECT,
                System::nanoTime,
                patience);
    }

    private static String says(String answer) {
        return "cat >/dev/null; printf '%s' '" + answer + "'";
    }

    private Look look(String script) throws IOException {
        return states(script).look(TARGET, PathFacts.NONE);
    }

    private Restored restore(String script) throws IOException {
        return new Verified(states(script), () -> {}).restore(TARGET, STATE, "v2", BY, PathFacts.NONE);
    }

    /// Says one thing where it is to put back, and another where it is to look.
    private static String puts(String answer, String seen) {
        return "read -r question; case $question in *restore*) printf '%s' '" + answer + "';; *) printf '%s' '" + seen
                + "';; esac";
    }

    private List<JsonObject> asked() throws IOException {
        try (Stream<String> lines = Files.lines(directory.resolve("asked"))) {
            return lines.map(line -> (JsonObject) StrictJson.parse(line.getBytes(UTF_8)))
                    .toList();
        }
    }

    @Test
    void what_it_is_asked_stands_on_one_line_and_says_all() throws IOException {
        var states = states(
                "tee -a \"$PLACE/asked\" | grep -q restore && echo '{\"answer\":\"done\"}' || echo '" + SEEN + "'");
        assertEquals(new Look.Seen(STATE, "v1", List.of()), states.look(TARGET, PathFacts.NONE));
        states.again(TARGET, JsonObject.with("value", "a\nb").build(), true, PathFacts.NONE);
        assertEquals(
                new Restored.Done(), new Verified(states, () -> {}).restore(TARGET, STATE, "v2", BY, PathFacts.NONE));

        var head = JsonObject.with("apiVersion", "guardrail/v1")
                .with("ask", "look")
                .with("target", TARGET);
        assertEquals(
                List.of(
                        head.build(),
                        JsonObject.builder()
                                .withAll(head.build().members())
                                .with("before", JsonObject.with("value", "a\nb").build())
                                .with("left", true)
                                .build(),
                        JsonObject.with("apiVersion", "guardrail/v1")
                                .with("ask", "restore")
                                .with("target", TARGET)
                                .with("state", STATE)
                                .with("expect", "v2")
                                .with("call", "call_undo")
                                .build(),
                        JsonObject.builder()
                                .withAll(head.build().members())
                                .with("before", STATE)
                                .with("left", false)
                                .build()),
                asked());
    }

    @Test
    void what_it_sees_is_told_with_what_it_is_about() throws IOException {
        assertEquals(
                new Look.Seen(STATE, "v1", List.of("a/b", "c")),
                look(says(SEEN.replace("\"v1\"", "\"v1\",\"touches\":[\"a/b\",\"c\"]"))
                        + "; echo; echo complaint >&2"));
    }

    @Test
    void what_cannot_be_put_back_is_told_on_one_line() throws IOException {
        assertEquals(
                new Look.Unfit(Hindrance.UNFIT, "its value is `a‹U+000A›`"),
                look(says("{\"answer\":\"unfit\",\"why\":\"its value is `a\\n`\"}")));
        assertEquals(
                new Look.Unfit(Hindrance.BUSY, "others are at it"),
                look(says("{\"answer\":\"unfit\",\"kind\":\"busy\",\"why\":\"others are at it\"}")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "[]",
                "\"seen\"",
                "{}",
                "{\"answer\":\"done\"}",
                "{\"answer\":\"maybe\"}",
                "{\"answer\":7}",
                SEEN + SEEN,
                SEEN + "\n" + SEEN,
                SEEN + " trailing",
                "{\"answer\":\"seen\",\"state\":{}}",
                "{\"answer\":\"seen\",\"version\":\"v1\"}",
                "{\"answer\":\"seen\",\"state\":{},\"version\":\"\"}",
                "{\"answer\":\"seen\",\"state\":{},\"version\":\" \"}",
                "{\"answer\":\"seen\",\"state\":{},\"version\":1}",
                "{\"answer\":\"seen\",\"state\":[],\"version\":\"v1\"}",
                "{\"answer\":\"seen\",\"state\":null,\"version\":\"v1\"}",
                "{\"answer\":\"seen\",\"state\":{},\"state\":{},\"version\":\"v1\"}",
                "{\"answer\":\"seen\",\"state\":{},\"version\":\"v1\",\"more\":1}",
                "{\"answer\":\"seen\",\"state\":{},\"version\":\"v1\",\"touches\":\"a\"}",
                "{\"answer\":\"seen\",\"state\":{},\"version\":\"v1\",\"touches\":[1]}",
                "{\"answer\":\"seen\",\"state\":{},\"version\":\"v1\",\"touches\":[\"\"]}",
                "{\"answer\":\"seen\",\"state\":{\"n\":1e999},\"version\":\"v1\"}",
                "{\"answer\":\"unfit\"}",
                "{\"answer\":\"unfit\",\"why\":\"\"}",
                "{\"answer\":\"unfit\",\"why\":\"so\",\"kind\":\"odd\"}",
            })
    void what_is_no_answer_is_no_look(String answer) {
        assertThrows(IOException.class, () -> look(says(answer)));
    }

    @Test
    void bytes_that_are_no_text_are_no_answer() throws IOException {
        String text = "cat >/dev/null; printf '{\"answer\":\"seen\",\"state\":{\"v\":\"%b\"},\"version\":\"v1\"}' '";
        assertInstanceOf(Look.Seen.class, look(text + "\\0303\\0244'"));
        assertThrows(IOException.class, () -> look(text + "\\0303'"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"; exit 1", "; kill -9 $$", " >&2", "; sleep 3600 &"})
    void how_it_ends_counts_whatever_it_said(String end) {
        assertThrows(IOException.class, () -> look(says(SEEN) + end));
    }

    @Test
    void a_program_that_is_not_there_is_no_look() {
        var states = new CommandStates(
                "settings",
                new Endpoint.Stdio(List.of("/nonexistent/program"), Map.of(), Optional.<Path>empty()),
                OBJECT,
                System::nanoTime);
        assertThrows(IOException.class, () -> states.look(TARGET, PathFacts.NONE));
    }

    @Test
    void one_that_does_not_read_its_question_may_answer_all_the_same() throws IOException {
        var large = JsonObject.with("value", "x".repeat(500_000)).build();
        var states = states("printf '%s' '" + SEEN + "'");
        assertInstanceOf(Look.Seen.class, states.again(TARGET, large, true, PathFacts.NONE));
    }

    @Test
    void too_much_is_too_large_and_ends_the_program() throws IOException {
        assertEquals(
                Hindrance.TOO_LARGE,
                assertInstanceOf(Look.Unfit.class, look("cat >/dev/null; yes")).kind());
        String state = "cat >/dev/null; printf '{\"answer\":\"seen\",\"version\":\"v1\",\"state\":{\"value\":\"'; "
                + "head -c %d /dev/zero | tr '\\0' x; printf '\"}}'";
        assertEquals(
                Hindrance.TOO_LARGE,
                assertInstanceOf(Look.Unfit.class, look(state.formatted(720_000)))
                        .kind());
        assertInstanceOf(Look.Seen.class, look(state.formatted(700_000)));
        assertThrows(IOException.class, () -> restore(puts("{\"answer\":\"done\"}", SEEN) + "; yes"));
    }

    @Test
    void what_it_complains_of_without_end_keeps_nobody_waiting() throws IOException {
        assertInstanceOf(Look.Seen.class, look("yes | head -c 3000000 >&2; " + says(SEEN)));
    }

    @Test
    void what_takes_too_long_is_no_look() throws IOException {
        var states = states("sleep 3600", Duration.ofMillis(300));
        assertThrows(IOException.class, () -> states.look(TARGET, PathFacts.NONE));
    }

    @RepeatedTest(5)
    void whoever_stops_waiting_ends_it_with_all_that_it_started() throws Exception {
        // Its parent has ended, so the tree does not lead to it.
        var states = states("(sh -c 'echo $$ >\"$PLACE/new\"; mv \"$PLACE/new\" \"$PLACE/inner\"; exec sleep 3600' &)\n"
                + "sleep 3600");
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Look> looking = threads.submit(() -> states.look(TARGET, PathFacts.NONE));
            Path inner = directory.resolve("inner");
            while (Files.notExists(inner)) Thread.onSpinWait();
            long process = Long.parseLong(Files.readString(inner).strip());
            assertTrue(ProcessHandle.of(process).isPresent());
            looking.cancel(true);
            ProcessHandle.of(process).ifPresent(left -> left.onExit().join());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sleep 3600 & echo $! >\"$PLACE/left\"",
                "sleep 3600 >/dev/null 2>&1 & echo $! >\"$PLACE/left\"",
                "(sleep 3600 & echo $! >\"$PLACE/left\"); sleep 60",
            })
    void what_it_leaves_behind_is_killed_and_read_no_more(String leaving) throws Exception {
        var states = states("cat >/dev/null; " + leaving + "; printf '%s' '" + SEEN + "'", Duration.ofSeconds(3));
        if (leaving.startsWith("sleep 3600 >")) assertInstanceOf(Look.Seen.class, states.look(TARGET, PathFacts.NONE));
        else {
            String said = String.valueOf(assertThrows(IOException.class, () -> states.look(TARGET, PathFacts.NONE))
                    .getMessage());
            assertTrue(said.contains(leaving.endsWith("60") ? "was killed" : "has ended"), said);
        }
        ended(Long.parseLong(Files.readString(directory.resolve("left")).strip()));
        while (reading() > 0) Thread.onSpinWait();
    }

    private static void ended(long process) throws Exception {
        var left = ProcessHandle.of(process);
        if (left.isPresent()) left.get().onExit().get(10, TimeUnit.SECONDS);
    }

    private static long reading() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("guardrail-settings-"))
                .count();
    }

    @Test
    void where_what_it_left_cannot_be_found_it_is_asked_no_more_until_that_ends() throws Exception {
        var states = states("cat >/dev/null; env -i sleep 3600 & echo $! >>\"$PLACE/left\"", Duration.ofSeconds(20));
        Callable<Boolean> busy = () -> {
            try {
                return states.look(TARGET, PathFacts.NONE) instanceof Look.Unfit(var kind, var why)
                        && kind == Hindrance.BUSY;
            } catch (IOException fault) {
                return false;
            }
        };
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var asked = Stream.generate(() -> threads.submit(busy)).limit(24).toList();
            for (Future<Boolean> one : asked) get(one);
        }
        assertTrue(busy.call());
        assertInstanceOf(Restored.Refused.class, states.restore(TARGET, STATE, "v2", BY, PathFacts.NONE));
        for (String left : Files.readAllLines(directory.resolve("left")))
            ProcessHandle.of(Long.parseLong(left)).ifPresent(ProcessHandle::destroyForcibly);
        while (reading() > 0) Thread.onSpinWait();
        Files.writeString(directory.resolve("program.sh"), says(SEEN));
        assertInstanceOf(Look.Seen.class, states.look(TARGET, PathFacts.NONE));
    }

    @Test
    void what_is_at_work_ends_with_the_guard() throws Exception {
        var states = states("echo $$ >\"$PLACE/pid.new\"; mv \"$PLACE/pid.new\" \"$PLACE/pid\"; sleep 3600");
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Look> looking = threads.submit(() -> states.look(TARGET, PathFacts.NONE));
            Path pid = directory.resolve("pid");
            while (Files.notExists(pid)) Thread.onSpinWait();
            states.close();
            ended(Long.parseLong(Files.readString(pid).strip()));
            assertThrows(ExecutionException.class, looking::get);
        }
        assertThrows(IOException.class, () -> states.look(TARGET, PathFacts.NONE));
    }

    @Test
    void what_is_left_of_one_that_has_ended_is_killed_where_it_holds_on() throws IOException {
        String left = "sleep 3600 & echo $! >\"$PLACE/left\"; ";
        assertThrows(IOException.class, () -> look(left + says(SEEN)));
        long process =
                Long.parseLong(Files.readString(directory.resolve("left")).strip());
        ProcessHandle.of(process).ifPresent(handle -> handle.onExit().join());
    }

    @Test
    void putting_back_is_done_changed_or_refused() throws IOException {
        assertEquals(new Restored.Done(), restore(puts("{\"answer\":\"done\"}", SEEN)));
        assertEquals(new Restored.Changed(), restore(puts("{\"answer\":\"changed\"}", SEEN)));
        assertEquals(
                new Restored.Refused("it is read-only"),
                restore(puts("{\"answer\":\"refused\",\"why\":\"it is read-only\"}", SEEN)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{\"answer\":\"done\",\"more\":1}",
                "{\"answer\":\"done\"}{\"answer\":\"done\"}",
                "{\"answer\":\"changed\",\"why\":\"x\"}",
                "{\"answer\":\"refused\"}",
                SEEN
            })
    void where_it_does_not_answer_nobody_knows_what_it_did(String answer) {
        assertThrows(IOException.class, () -> restore(puts(answer, SEEN)));
    }

    @Test
    void done_is_believed_where_the_state_is_there() {
        for (String seen : List.of(
                SEEN.replace("one", "two"), "{\"answer\":\"unfit\",\"why\":\"so\"}", "", "{\"answer\":\"done\"}"))
            assertThrows(IOException.class, () -> restore(puts("{\"answer\":\"done\"}", seen)), seen);
        assertThrows(IOException.class, () -> restore(puts("{\"answer\":\"done\"}", SEEN) + "; exit 3"));
    }

    @Test
    void while_it_puts_back_it_is_asked_nothing_else() throws Exception {
        var states = states(
                "read -r question; mkdir \"$PLACE/inside\" || exit 9; case $question in *restore*) "
                        + "touch \"$PLACE/started\"; while [ ! -e \"$PLACE/go\" ]; do sleep 0.05; done; "
                        + "rmdir \"$PLACE/inside\"; echo '{\"answer\":\"done\"}';; "
                        + "*) rmdir \"$PLACE/inside\"; printf '%s' '" + SEEN + "';; esac",
                Duration.ofSeconds(2));
        Callable<Restored> restoring = () -> states.restore(TARGET, STATE, "v2", BY, PathFacts.NONE);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Restored> restored = threads.submit(restoring);
            while (Files.notExists(directory.resolve("started"))) Thread.onSpinWait();
            assertEquals(
                    Hindrance.BUSY,
                    assertInstanceOf(Look.Unfit.class, states.look(TARGET, PathFacts.NONE))
                            .kind());
            assertInstanceOf(Restored.Refused.class, restoring.call());
            Files.createFile(directory.resolve("go"));
            assertEquals(new Restored.Done(), get(restored));
            assertInstanceOf(Look.Seen.class, states.look(TARGET, PathFacts.NONE));
        }
    }

    @Test
    void putting_back_waits_as_long_as_a_look_may_take() throws Exception {
        var states = states(
                "read -r question; case $question in *restore*) echo '{\"answer\":\"done\"}';; "
                        + "*) touch \"$PLACE/looking\"; sleep 3; printf '%s' '" + SEEN + "';; esac",
                Duration.ofSeconds(8));
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Look> looking = threads.submit(() -> states.look(TARGET, PathFacts.NONE));
            while (Files.notExists(directory.resolve("looking"))) Thread.onSpinWait();
            assertEquals(new Restored.Done(), states.restore(TARGET, STATE, "v2", BY, PathFacts.NONE));
            assertInstanceOf(Look.Seen.class, get(looking));
        }
    }

    @Test
    void looks_wait_for_their_turn_as_long_as_they_may_take() throws Exception {
        var states = states("cat >/dev/null; sleep 3; printf '%s' '" + SEEN + "'");
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Look>> looking = Stream.generate(
                            () -> threads.submit(() -> states.look(TARGET, PathFacts.NONE)))
                    .limit(9)
                    .toList();
            for (Future<Look> look : looking) assertInstanceOf(Look.Seen.class, get(look));
        }
    }

    private static <T> T get(Future<T> future) throws Exception {
        try {
            return future.get();
        } catch (ExecutionException failed) {
            throw new AssertionError(failed.getCause());
        }
    }

    @Test
    void our_own_environment_is_not_handed_down() throws IOException {
        assertTrue(System.getenv().keySet().stream().anyMatch(name -> name.startsWith("JAVA") || name.equals("PWD")));
        look("cat >/dev/null; env >\"$PLACE/env\"; printf '%s' '" + SEEN + "'");
        try (Stream<String> lines = Files.lines(directory.resolve("env"))) {
            List<String> names = lines.map(line -> line.split("=", 2)[0]).toList();
            assertTrue(names.contains("PLACE") && names.contains("PATH"), names::toString);
            assertTrue(
                    names.stream().noneMatch(name -> name.startsWith("JAVA") || name.startsWith("MAVEN")),
                    names::toString);
        }
    }
}
