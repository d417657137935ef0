package dev.guardrail.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import dev.guardrail.call.ToolName;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InspectionSpec {
    private static final ToolName READ = ToolName.parse("files.read");

    private static List<String> findings(JsonObject definition, String... others) {
        var names = IntStream.range(0, others.length)
                .mapToObj(i -> new ToolName("files", others[i]))
                .toList();
        var tool = new ToolName("files", definition.text("name").orElseThrow());
        return Inspection.of(tool, definition, new Lookalikes(names));
    }

    private static List<String> described(String description) {
        return findings(
                JsonObject.with("name", "read").with("description", description).build());
    }

    private static List<String> named(String name, String... others) {
        return findings(JsonObject.with("name", name).build(), others);
    }

    private static String of(int... points) {
        return new String(points, 0, points.length);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Reads a file.",
                "Reads.\n\n- one\n\t- two\r\n- three",
                "Größe, 日本語の説明, русский, العربية, हिन्दी, e\u0301",
                "Done \u2705 \u2764\uFE0F \u2122\uFE0F 1\uFE0F\u20E3",
                "\uD83D\uDC69\u200D\uD83D\uDCBB \uD83C\uDFF3\uFE0F\u200D\uD83C\uDF08 \uD83D\uDC69\uD83C\uDFFD\u200D\uD83D\uDE80",
                "non-breaking\u00A0space",
            })
    void ordinary_texts_pass(String description) {
        assertEquals(List.of(), described(description));
    }

    @Test
    void each_hidden_character_is_found_with_its_place_and_code_point() {
        int[] hidden = {
            0x00, 0x07, 0x0B, 0x1B, 0x7F, 0x85, 0xAD, 0x34F, 0x61C, 0x115F, 0x180B, 0x180E, 0x200B, 0x200C, 0x200D,
            0x200E, 0x202A, 0x202E, 0x2028, 0x2029, 0x2060, 0x2066, 0x2069, 0x2800, 0x3164, 0xFE00, 0xFE0E, 0xFE0F,
            0xFEFF, 0xFFA0, 0xFFF9, 0xFFFD, 0xFFFF, 0xE000, 0x378, 0xE0001, 0xE0041, 0xE007F, 0xE0100, 0xE01EF, 0xF0000,
            0x10FFFD, 0x1D173
        };
        for (int point : hidden)
            assertEquals(
                    List.of("description[3] U+%04X".formatted(point)),
                    described("abc" + of(point) + "d"),
                    () -> Integer.toHexString(point));
    }

    @Test
    void the_index_counts_code_points() {
        assertEquals(List.of("description[2] U+202E"), described("\uD83D\uDE80x\u202Ey"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1\uFE0F",
                "a\uFE0F",
                "\u2705\u200D",
                "\u2705\u200Dx",
                "x\u200D\u2705",
                "\u2705\uFE0F\uFE0F",
                "a\rb",
                "\uD83C\uDFF4\uDB40\uDC67\uDB40\uDC7F"
            })
    void what_belongs_to_an_emoji_is_hidden_elsewhere(String description) {
        assertTrue(!described(description).isEmpty());
    }

    @Test
    void every_string_is_looked_at_wherever_it_stands() {
        var zero = new JsonText("a\u200B");
        var schema = JsonObject.with(
                        "properties",
                        JsonObject.with(
                                        "path",
                                        JsonObject.with("description", zero)
                                                .with("enum", new JsonArray(List.of(new JsonText("x"), zero)))
                                                .build())
                                .with("a\u202Eb", JsonObject.EMPTY)
                                .build())
                .build();
        var found = findings(JsonObject.with("name", "read")
                .with("title", "a\nb")
                .with("inputSchema", schema)
                .with("outputSchema", JsonObject.with("$defs", zero).build())
                .with("annotations", JsonObject.with("title", zero).build())
                .with("execution", new JsonArray(List.of(zero)))
                .build());

        assertEquals(
                List.of(
                        "title[1] U+000A",
                        "inputSchema.properties.path.description[1] U+200B",
                        "inputSchema.properties.path.enum.1[1] U+200B",
                        "the key inputSchema.properties.a‹U+202E›b[1] U+202E",
                        "outputSchema.$defs[1] U+200B",
                        "annotations.title[1] U+200B",
                        "execution.0[1] U+200B"),
                found);
    }

    @Test
    void findings_are_bounded_and_printable() {
        var schema = IntStream.range(0, 50)
                .mapToObj(i -> "\u202E\n" + "k".repeat(1_000) + i)
                .collect(Collectors.toMap(key -> key, key -> new JsonText("\u200B".repeat(1_000))));
        var found = findings(JsonObject.with("name", "read")
                .with(
                        "inputSchema",
                        JsonObject.builder()
                                .withAll(java.util.Map.copyOf(schema))
                                .build())
                .build());

        assertEquals(21, found.size());
        assertEquals("and 480 more", found.getLast());
        for (String finding : found) {
            assertTrue(finding.length() < 200, finding);
            assertEquals(finding, dev.guardrail.base.Printable.text(finding));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"read", "read_file-2", "a.b/c", "A"})
    void ordinary_names_pass(String name) {
        assertEquals(List.of(), named(name, name, "write"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"rm ", "r\u200Bm", "re\u0430d", "ｒｍ", "read file", "lösche", "a:b"})
    void names_beyond_those_of_the_protocol_are_found(String name) {
        assertTrue(named(name).getFirst().startsWith("name: is not 1 to 128"));
    }

    @Test
    void a_long_name_is_found() {
        assertEquals(List.of(), named("x".repeat(128)));
        assertEquals(1, named("x".repeat(129)).size());
    }

    @Test
    void mixed_scripts_are_found_in_names_and_keys_but_not_in_prose() {
        assertEquals(
                List.of(
                        "name: is not 1 to 128 of the letters, digits and _ - . / of ASCII",
                        "the name name: mixes Latin and cyrillic letters"),
                named("re\u0430d"));
        var properties = JsonObject.with("p\u0430th", JsonObject.EMPTY).with("путь", JsonObject.EMPTY);
        assertEquals(
                List.of("the name inputSchema.p\u0430th: mixes Latin and cyrillic letters"),
                findings(JsonObject.with("name", "read")
                        .with("description", "Latin и кириллица")
                        .with("inputSchema", properties.build())
                        .build()));
    }

    @Test
    void names_that_look_like_another_of_the_server_are_found() {
        assertEquals(List.of("name: looks like read_file"), named("Read_File", "read_file", "write"));
        assertEquals(List.of("name: looks like tool_lO"), named("too1_io", "tool_lO"));
        assertEquals(List.of("name: looks like confirm"), named("confirrn", "confirm"));
        assertEquals(List.of(), named("read_files", "read_file"));
    }

    @Test
    void the_tool_that_is_asked_about_is_no_lookalike_of_itself() {
        assertEquals(List.of(), new Lookalikes(List.of(READ)).of(READ));
    }
}
