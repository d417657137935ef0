package dev.guardrail.pack;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The place of the word `here` in a scalar is found in the file, however the scalar is written.
class ScalarOffsetTest {

    @ParameterizedTest
    @CsvSource({
        "'k: a here',                          1:6",
        "'k: &x a here',                       1:9",
        "'k: ''it''''s here''',                1:11",
        "'k: \"a\\tb here\"',                  1:10",
        "'k: \"\\u0041\\x42\\U00000043 here\"', 1:26",
        "'k: a|  b|  here',                    3:3",
        "'k: \"a|  here\"',                    2:3",
        "'k: \"a||  here\"',                   3:3",
        "'k: \\|-|  a|    here',               3:5",
        "'k: \\||  a||  here',                 4:3",
        "'k: >-|  a|  b here',                 3:5",
        "'k: \uD83D\uDE00 here',               1:6"
    })
    void the_place_is_found(String written, String place) {
        String text = written.replace("\\|", "\u0001").replace("|", "\n").replace("\u0001", "|");
        var findings = new Findings(new Source("x", text));
        var mapping =
                (Yaml.Mapping) YamlReader.read(new Source("x", text), findings).getFirst();
        var scalar = (Yaml.Scalar) mapping.entries().get("k").value();
        String before = scalar.value().substring(0, scalar.value().indexOf("here"));
        int line = 1 + (int) before.chars().filter(c -> c == '\n').count();
        int column = before.codePointCount(before.lastIndexOf('\n') + 1, before.length()) + 1;
        Place found = ScalarOffset.of(findings, scalar, line, column);
        assertEquals(place, found.line() + ":" + found.column(), text);
    }
}
