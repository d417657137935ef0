package dev.guardrail.call;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.StrictJson;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// Places that are filled, and those that cannot be.
class TemplateSpec {
    private static final Map<String, Json> ROOTS = Map.of(
            "args",
            json(
                    "{\"path\":\"/a\",\"n\":1.0,\"on\":true,\"none\":null,\"deep\":{\"x\":[1,\"two\"]},\"odd\":\"${args.path}\"}"),
            "before",
            json("{\"content\":[{\"type\":\"text\",\"text\":\"\"}]}"));

    private static JsonObject json(String text) {
        return (JsonObject) StrictJson.parse(text.getBytes(StandardCharsets.UTF_8));
    }

    private static Template.Filled fill(String template) {
        return new Template(json("{\"x\":\"" + template + "\"}")).fill(ROOTS);
    }

    private static void assertFilled(String value, String template) {
        assertEquals(new Template.Filled.Whole(json("{\"x\":" + value + "}")), fill(template), template);
    }

    @Test
    void a_place_that_is_a_whole_text_keeps_the_type_of_what_fills_it() {
        assertFilled("\"/a\"", "${args.path}");
        assertFilled("1.0", "${args.n}");
        assertFilled("true", "${args.on}");
        assertFilled("null", "${args.none}");
        assertFilled("{\"x\":[1,\"two\"]}", "${args.deep}");
        assertFilled("\"two\"", "${args.deep.x[1]}");
        assertFilled("\"\"", "${before.content[0].text}");
    }

    @Test
    void inside_a_longer_text_only_what_is_text_by_itself_fits() {
        assertFilled("\"/a.1.0.true\"", "${args.path}.${args.n}.${args.on}");
        for (String misfit : List.of("args.deep", "args.deep.x", "args.none"))
            assertEquals(new Template.Filled.Missing(misfit), fill("is ${" + misfit + "}"));
    }

    @Test
    void what_is_not_there_is_told_and_never_an_empty_text() {
        for (String gap : List.of(
                "args.nothing", "args.path.more", "args.deep.x[2]", "args.deep[0]", "result.id", "before.content[1]"))
            assertEquals(new Template.Filled.Missing(gap), fill("${" + gap + "}"), gap);
    }

    @Test
    void what_fills_a_place_is_not_looked_at_for_places_again() {
        assertFilled("\"${args.path}\"", "${args.odd}");
        assertFilled("\"=${args.path}\"", "=${args.odd}");
    }

    @Test
    void places_of_an_open_word_stand_as_they_are_written() {
        var template = new Template(json("{\"id\":\"${result.id}\",\"path\":\"${args.path}\"}"));

        assertEquals(
                new Template.Filled.Whole(json("{\"id\":\"${result.id}\",\"path\":\"/a\"}")),
                template.fill(ROOTS, Set.of("result")));
        assertEquals(Set.of("args", "result"), template.roots());
        assertEquals(Set.of("path"), template.arguments());
    }

    @Test
    void a_place_that_is_no_path_is_malformed() {
        for (String wrong : List.of("", "args", "args.", "args.a[x]", "env.HOME", "args.a b", "args..a", "args.[0]"))
            assertEquals(List.of(wrong), new Template(json("{\"x\":[\"a ${" + wrong + "}\"]}")).malformed(), wrong);
        assertEquals(List.of(), new Template(json("{\"x\":\"$5 ${args.a[0].b} }{\"}")).malformed());
    }
}
