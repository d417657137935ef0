package dev.guardrail.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.guardrail.call.ToolName;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Patterns over `server.name`.
class GlobSpec {

    @ParameterizedTest
    @CsvSource({
        "files.read, files.read, true",
        "files.read, files.Read, false",
        "files.read, files.reads, false",
        "files.read, files.rea, false",
        "files.*, files.read, true",
        "files.*, files.read.deep, true",
        "*.read, files.read, true",
        "*.*, files.read, true",
        "*.*, files.mcp:resources/read, false",
        "*.mcp:*, files.mcp:resources/read, true",
        "*.mcp:*, files.mcp, false",
        "*.m*, files.mcp:resources/read, false",
        "f*s.r*d, files.read, true",
        "f*s.r*d, files.ready, false",
        "f*s.r*d, filer.read, false",
        "*.a*b*c, x.aXbYc, true",
        "*.a*b*c, x.abcbc, true",
        "*.a*b*c, x.acb, false",
        "*.**, x.y, true",
        "*.read_*, x.read_, true",
        "*.read_*, x.read, false"
    })
    void a_star_is_any_run_of_characters(String glob, String tool, boolean matches) {
        assertEquals(matches, Glob.parse(glob).matches(ToolName.parse(tool)));
    }

    @Test
    void a_star_never_crosses_from_server_to_tool() {
        assertEquals(false, Glob.parse("f*d.x").matches(new ToolName("files", "read.x")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"*", "files", "", ".", ".x", "x."})
    void what_is_no_server_and_name_is_no_pattern(String text) {
        assertThrows(IllegalArgumentException.class, () -> Glob.parse(text));
    }

    @ParameterizedTest
    @CsvSource({
        "*.*, files.read, true",
        "*.*, *.*, true",
        "files.*, *.*, false",
        "*.read_*, files.read_*, true",
        "*.read_*, files.re*, false",
        "files.read, files.read, true",
        "files.read, files.*, false",
        "*.*, *.mcp:*, false",
        "*.mcp:*, files.mcp:x, true"
    })
    void a_pattern_covers_what_it_surely_matches(String wide, String narrow, boolean covers) {
        assertEquals(covers, Glob.parse(wide).covers(Glob.parse(narrow)));
    }

    @Test
    void a_plain_name_is_one_tool() {
        assertEquals(
                Optional.of(new ToolName("files", "read")),
                Glob.parse("files.read").exact());
        assertEquals(Optional.empty(), Glob.parse("files.*").exact());
        assertEquals(Optional.empty(), Glob.parse("*.read").exact());
        assertEquals("f*.read.x", Glob.parse("f*.read.x").toString());
    }

    @Test
    void many_stars_are_matched_in_bounded_time() {
        String pattern = "x." + "*a".repeat(100) + "b";
        assertEquals(
                false,
                assertTimeoutPreemptively(
                        Duration.ofSeconds(5), () -> Glob.parse(pattern).matches(new ToolName("x", "a".repeat(256)))));
    }
}
