package dev.guardrail.server.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.server.corpus.Guide;
import dev.guardrail.server.corpus.SettingsRig;
import dev.guardrail.server.wiring.Served;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What an agent has another server change, taken back by the program and the configuration that the guide shows.
final class CommandUndoSpec {
    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    private Path directory;

    @SuppressWarnings("NullAway.Init") // set before each
    private Path program;

    @SuppressWarnings("NullAway.Init") // set before each
    private Path store;

    @SuppressWarnings("NullAway.Init") // set before each
    private SettingsRig rig;

    @BeforeEach
    void start() throws Exception {
        program = directory.resolve("settings.sh");
        Served.write(program, Guide.block("sh", "member expect"));
        rig = new SettingsRig(directory);
        store = rig.store();
        // As the guide has it, but for the places.
        rig.guard(Guide.block("yaml", "builtin: command")
                .replace("/srv/guard/settings.sh", program.toString())
                .replace("/srv/settings", store.toString()));
    }

    @AfterEach
    void end() throws IOException {
        rig.close();
    }

    /// The same program, but for one of its lines.
    private void alter(String line, String otherwise) throws IOException {
        String text = Files.readString(program);
        assertTrue(text.contains(line), line);
        Served.write(program, text.replace(line, otherwise));
    }

    @Test
    void a_session_is_planned_and_undone_byte_for_byte() throws IOException {
        Files.writeString(store.resolve("colour"), "light  blue & 100% {x: [1]}~");
        Files.writeString(store.resolve("empty"), "");
        Map<String, String> before = rig.state();
        rig.undoable("set", "colour", "red");
        rig.undoable("set", "size", "12");
        rig.undoable("unset", "colour", "");
        rig.undoable("set", "empty", "full");
        String session = rig.undoable("set", "colour", "green");
        Map<String, String> after = rig.state();
        assertNotEquals(before, after);

        var plan = rig.undo("sessions/" + session, "{\"plan\":true}");
        assertEquals(List.of("ready", "ready", "ready", "ready", "ready"), SettingsRig.states(plan), plan.text());
        assertEquals(after, rig.state());

        var undone = rig.undo("sessions/" + session);

        assertEquals(
                List.of("undone", "undone", "undone", "undone", "undone"), SettingsRig.states(undone), undone.text());
        assertEquals(before, rig.state());
        rig.assertSound();
    }

    @Test
    void what_the_program_cannot_tell_from_what_others_leave_is_a_conflict() throws IOException {
        Files.writeString(store.resolve("colour"), "blue");
        String session = rig.undoable("set", "colour", "two\nlines");
        assertEquals(List.of("conflict"), SettingsRig.states(rig.undo("sessions/" + session)));
        assertEquals("two\nlines", Files.readString(store.resolve("colour")));
    }

    @Test
    void what_somebody_changed_since_is_a_conflict_and_stays() throws IOException {
        Files.writeString(store.resolve("colour"), "blue");
        String call = "calls/" + rig.call("set", "colour", "red").text("callId");
        Files.writeString(store.resolve("colour"), "foreign");

        assertEquals("conflict", rig.undo(call).problem());
        assertEquals("foreign", Files.readString(store.resolve("colour")));

        Files.writeString(store.resolve("colour"), "red");
        assertEquals(200, rig.undo(call).status());
        assertEquals("blue", Files.readString(store.resolve("colour")));
        rig.assertSound();
    }

    @Test
    void what_the_program_cannot_keep_runs_and_says_so() throws IOException {
        Files.writeString(store.resolve("colour"), "two\nlines");
        var answer = rig.call("set", "colour", "red");
        assertEquals("none", answer.text("undo"), answer.text());
        assertEquals("its value is not one plain line", answer.text("undoWhy"), answer.text());
        var refused = rig.undo("calls/" + answer.text("callId"));
        assertEquals("not-undoable", refused.problem());
        assertTrue(refused.text("detail").contains("its value is not one plain line"), refused.text());
        assertEquals("none", rig.call("set", "../guard/x", "red").text("undo"), "outside of `target`");
        assertEquals("red", Files.readString(store.resolve("colour")));
    }

    @Test
    void where_an_undo_is_required_a_program_that_fails_keeps_the_call_from_running() throws IOException {
        rig.require();
        rig.undoable("set", "colour", "red");
        String sound = Files.readString(program);
        for (String fault : List.of(
                "exit 1",
                "kill -9 $$",
                "echo '{}{}'",
                "printf '{\"answer\":\"seen\",\"state\":{},\"version\":\"\"}'",
                "yes",
                "sleep 3600")) {
            Served.write(program, sound.replace("case $ask in", fault + "; exit\ncase $ask in"));
            var denied = rig.call("set", "colour", "blue");
            assertEquals("deny", denied.text("effect"), () -> fault + ": " + denied.text());
            assertEquals("red", Files.readString(store.resolve("colour")), fault);
        }
        Served.write(program, sound);
        rig.undoable("set", "colour", "blue");
        rig.assertSound();
    }

    @Test
    void an_unclear_end_is_in_doubt_until_looking_tells() throws IOException {
        Files.writeString(store.resolve("colour"), "blue");
        String session = rig.undoable("set", "colour", "red");
        String sound = Files.readString(program);

        alter("  echo '{\"answer\":\"done\"}'", "  kill -9 $$");
        assertEquals(List.of("in_doubt"), SettingsRig.states(rig.undo("sessions/" + session)));
        assertEquals("blue", Files.readString(store.resolve("colour")), "it was done");
        Served.write(program, sound);
        assertEquals(List.of("undone"), SettingsRig.states(rig.undo("sessions/" + session)));
        rig.assertSound();
    }

    @Test
    void a_program_that_says_that_it_did_and_did_not_is_in_doubt() throws IOException {
        Files.writeString(store.resolve("colour"), "blue");
        String session = rig.undoable("set", "colour", "red");
        String sound = Files.readString(program);

        alter("printf %s \"$(member value)\" >\"$file.new\" && mv \"$file.new\" \"$file\"", "true");
        assertEquals(List.of("in_doubt"), SettingsRig.states(rig.undo("sessions/" + session)));
        assertEquals("red", Files.readString(store.resolve("colour")));
        Served.write(program, sound);
        assertEquals(List.of("undone"), SettingsRig.states(rig.undo("sessions/" + session)));
        assertEquals("blue", Files.readString(store.resolve("colour")));
        rig.assertSound();
    }

    @Test
    void the_program_is_started_where_only_root_writes() throws IOException {
        alter("ask=$(member ask)", "pwd >\"$STORE/../started\"\nask=$(member ask)");
        rig.undoable("set", "colour", "red");
        assertEquals("/\n", Files.readString(directory.resolve("started")));
    }

    @Test
    void the_program_is_told_which_undo_it_is_and_no_agent_reaches_it() throws IOException {
        alter("ask=$(member ask)", "printf '%s\\n' \"$question\" >>\"$STORE/../asked\"\nask=$(member ask)");
        String call = rig.undoable("set", "colour", "red");
        assertFalse(rig.served().get(Served.CODER, "/v1/tools").text().contains("undo:"));
        rig.undo("sessions/" + call);
        String asked = Files.readString(directory.resolve("asked"));
        var id = Pattern.compile("\"call\":\"(call_[^\"]+)\"").matcher(asked);
        assertTrue(id.find(), asked);
        assertTrue(rig.served()
                .journal()
                .get(dev.guardrail.journal.Kind.CALL, id.group(1))
                .orElseThrow()
                .value()
                .toString()
                .contains("undo:restore"));
    }
}
