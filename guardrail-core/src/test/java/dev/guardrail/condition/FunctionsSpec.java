package dev.guardrail.condition;

import static dev.guardrail.condition.Truth.ERROR;
import static dev.guardrail.condition.Truth.FALSE;
import static dev.guardrail.condition.Truth.TRUE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.JsonObject;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What the functions of conditions answer, and what they refuse to answer.
final class FunctionsSpec {
    private static final CelConditions CONDITIONS = new CelConditions();

    private static Truth ask(String source, String url) {
        var asked = Asked.with(JsonObject.with("url", url).build());
        return CONDITIONS.compile(source, List.of()).condition().orElseThrow().test(asked.facts());
    }

    /// What an operator writes to let one host be reached.
    private static final String ONLY_OUR_HOST =
            "url.isPublic(args.url) && url.host(args.url) == \"api.example.com\" && args.url.startsWith(\"https://\")";

    @Test
    void no_spelling_of_another_host_passes_for_ours() {
        var corpus = Corpora.lines("ssrf-urls");
        assertTrue(corpus.size() >= 40, "lines: " + corpus.size());
        for (JsonObject line : corpus) {
            if (!line.text("want").orElseThrow().equals("reject")) continue;
            String url = line.text("url").orElseThrow();
            assertNotEquals(TRUE, ask(ONLY_OUR_HOST, url), url);
        }
        assertEquals(TRUE, ask(ONLY_OUR_HOST, "https://api.example.com/v1?q=a%20b#top"));
        assertEquals(TRUE, ask(ONLY_OUR_HOST, "https://API.example.com:8443/"));
    }

    @Test
    void no_name_of_this_host_or_network_is_public() {
        for (JsonObject line : Corpora.lines("ssrf-urls")) {
            String url = line.text("url").orElseThrow();
            if (url.toLowerCase(java.util.Locale.ROOT).contains("api.example.com")) continue;
            assertNotEquals(TRUE, ask("url.isPublic(args.url)", url), url);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "TRUE, http://example.com",
        "TRUE, https://a-b.example.co.uk:65535/x",
        "TRUE, https://xn--bcher-kva.example/",
        "TRUE, http://8.8.8.8/",
        "TRUE, 'http://[2606:4700:4700::1111]:443/'",
        "FALSE, http://192.168.0.1/",
        "FALSE, http://172.16.0.1/",
        "TRUE, http://172.32.0.1/",
        "FALSE, http://169.254.169.254/latest",
        "FALSE, http://255.255.255.255/",
        "FALSE, http://[::1]/",
        "FALSE, http://[fe80::1]/",
        "FALSE, 'http://[::ffff:8.8.8.8]/'",
        "FALSE, http://[2001:db8::1]/",
        "FALSE, http://localhost:8080/",
        "FALSE, http://db.internal/",
        "FALSE, http://printer/",
        "ERROR, http://example.com./",
        "ERROR, http://user@example.com/",
        "ERROR, http://example.com:0/",
        "ERROR, http://example.com:99999/",
        "ERROR, http://example.com:/",
        "ERROR, http://exa_mple.com/",
        "ERROR, http://-a.example/",
        "ERROR, http://a..example/",
        "ERROR, http://1.2.3/",
        "ERROR, http://0x7f.1/",
        "ERROR, http://a.0x7f/",
        "ERROR, http://01.2.3.4/",
        "ERROR, http://256.1.1.1/",
        "ERROR, http://[1.2.3.4]/",
        "ERROR, http://[::1%25eth0]/",
        "ERROR, http://[1::2::3]/",
        "ERROR, http://example.com/%00",
        "ERROR, http://example.com/%zz",
        "ERROR, http://example.com/%4",
        "ERROR, http:example.com",
        "ERROR, javascript:alert(1)",
        "ERROR, ''",
    })
    void public_addresses(Truth expected, String url) {
        assertEquals(expected, ask("url.isPublic(args.url)", url), url);
    }

    @ParameterizedTest
    @CsvSource({
        "TRUE, 10.1.2.3, 10.0.0.0/8",
        "FALSE, 11.1.2.3, 10.0.0.0/8",
        "TRUE, 10.1.2.3, 0.0.0.0/0",
        "TRUE, 10.1.2.3, 10.1.2.3/32",
        "FALSE, 10.1.2.2, 10.1.2.3/32",
        "TRUE, 2001:db8:0:1::5, 2001:db8::/32",
        "FALSE, 2001:db9::, 2001:db8::/32",
        "FALSE, ::ffff:10.1.2.3, 10.0.0.0/8",
        "ERROR, 10.1.2, 10.0.0.0/8",
        "ERROR, 10.01.2.3, 10.0.0.0/8",
        "ERROR, '', 10.0.0.0/8",
    })
    void ranges(Truth expected, String address, String range) {
        assertEquals(expected, ask("net.inCidr(args.url, \"" + range + "\")", address), address + " in " + range);
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.0.0.0", "10.0.0.0/33", "10.0.0.1/8", "/8", "::/129", "1:2:3:4:5:6:7:8:9/1"})
    void a_range_that_is_none_fails(String range) {
        assertEquals(
                ERROR, ask("net.inCidr(\"10.1.2.3\", args.url)", range), "a range that is not known before the call");
        assertEquals(TRUE, ask("net.inCidr(\"10.1.2.3\", args.url)", "10.0.0.0/8"));
    }

    @Test
    void addresses_of_sixteen_bytes_are_read_in_every_plain_spelling() {
        for (String text : List.of("1:2:3:4:5:6:7:8", "::", "::1", "1::", "1:2:3:4:5:6:1.2.3.4", "::1.2.3.4"))
            assertTrue(Address.parse(text).orElseThrow().isSix(), text);
        for (String text : List.of(
                "1:2:3:4:5:6:7",
                "1:2:3:4:5:6:7:8:9",
                ":::",
                "1:::2",
                ":1",
                "1:",
                "12345::",
                "g::",
                "1.2.3.4::",
                "::1.2.3",
                "1:2:3:4:5:6:7:1.2.3.4",
                "::ｆ")) assertTrue(Address.parse(text).isEmpty(), text);
    }

    @Test
    void a_directory_is_absolute_and_plain() {
        for (String plain : List.of("/", "/a", "/a/", "/a/b.c", "/..a"))
            assertTrue(Functions.isPlainDirectory(plain), plain);
        for (String odd : List.of("", "a", "./a", "/a/../b", "/a/..", "//a", "/a//b", "/./a", "/a//", "/a\0"))
            assertFalse(Functions.isPlainDirectory(odd), odd);
    }

    @Test
    void search_in_texts_is_linear_and_right() {
        var random = new Random(7);
        for (int i = 0; i < 2_000; i++) {
            String text = letters(random, random.nextInt(3_000));
            String part = letters(random, 9 + random.nextInt(400));
            if (random.nextBoolean() && text.length() > part.length() + 1)
                text = text.substring(0, 1) + part + text.substring(1);
            assertEquals(text.contains(part), Texts.contains(text, part));
        }
        String long_ = "a".repeat(1_000_000);
        assertFalse(Texts.contains(long_, "a".repeat(500_000) + "b"), "quadratic search would take minutes");
        assertTrue(Texts.contains(long_ + "b", "a".repeat(500_000) + "b"));
    }

    private static String letters(Random random, int length) {
        return random.ints(length, 'a', 'c')
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    @Test
    void a_pattern_is_weighed_before_it_is_compiled() {
        for (String big : List.of(
                "((a{0,100}){0,100}){0,100}",
                "(".repeat(101) + ")".repeat(101),
                "a".repeat(1_001),
                "((((((((((((a{2}){2}){2}){2}){2}){2}){2}){2}){2}){2}){2}){2}",
                "(a{1000}[)]b){1000}",
                "([(]a{99}){99}")) assertThrows(IllegalArgumentException.class, () -> Regex.compile(big), big);
        for (String fine : List.of(
                "(^|/)\\.git(/|$)", "[a-z]{1,64}@[a-z]{1,64}", "a{0,1000}b", "\\d{4}-\\d{2}", "{", "a{b}", "\\{9999}"))
            assertTrue(Regex.compile(fine).pattern().programSize() <= 2 * Regex.MAX_SIZE, fine);
    }

    @Test
    void the_weight_of_a_pattern_is_never_below_what_it_compiles_to() {
        var random = new Random(11);
        int compiled = 0;
        for (int i = 0; i < 8_000; i++) {
            var pattern = new StringBuilder();
            for (int k = random.nextInt(14); k >= 0; k--)
                pattern.append(
                        List.of("a", "b", "(", ")", "|", "*", "?", "{3}", "{2,9}", "{4,}", "[ab]", "[(]", "\\d", ".")
                                .get(random.nextInt(14)));
            String text = pattern.toString();
            try {
                int size = com.google.re2j.Pattern.compile(text).programSize();
                compiled++;
                assertTrue(size <= 2 * Regex.weight(text) + 4, text + ": " + size + " above " + Regex.weight(text));
            } catch (com.google.re2j.PatternSyntaxException noPattern) {
                assertTrue(Regex.weight(text) >= 0);
            }
        }
        assertTrue(compiled > 1_000, "compiled: " + compiled);
    }

    @Test
    void falsehood_is_told_from_failure() {
        assertEquals(FALSE, ask("url.host(args.url) == \"b.example\"", "https://a.example"));
        assertEquals(ERROR, ask("url.host(args.url) == \"b.example\"", "https://a.example\\@b.example"));
    }
}
