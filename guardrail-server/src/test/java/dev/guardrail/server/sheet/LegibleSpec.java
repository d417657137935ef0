package dev.guardrail.server.sheet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LegibleSpec {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "rm -rf /tmp/x && echo 'done' | tee \"log\"",
                "Größe, naïve café, e\u0301te\u0301, Đặng Thị, Łódź, Ærø",
                "Η γρήγορη καφέ αλεπού πηδά πάνω από το σκυλί.",
                "Съешь же ещё этих мягких французских булок, да выпей чаю.",
                "И он, и она рос у моря.",
                "Мама мыла раму, а кот спал на окне.",
                "いろはにほへと、世界！ カタカナ「テスト」です。",
                "我能吞下玻璃而不伤身体；真的吗？",
                "키스의 고유조건은 입술끼리 만나야 하고",
                "हिन्दी में लिखा हुआ वाक्य",
                "ภาษาไทยง่ายนิดเดียว",
                "Done ✅ 🚀 🎉 – “quoted”, it’s fine… 3 × 4 → 12 °C",
                "APIを使う, GitHubのリポジトリ",
            })
    void ordinary_texts_stay_as_they_are(String text) {
        assertEquals(text, Legible.line(text));
        assertEquals(Set.of(), Legible.of(text).findings());
    }

    @Test
    void what_hides_or_moves_is_named_by_its_code_point() {
        assertEquals("ls ‹U+001B›[2J", Legible.line("ls \u001b[2J"));
        assertEquals("ls ‹U+202E›gpj.sh", Legible.line("ls \u202egpj.sh"));
        assertEquals("r‹U+200B›m", Legible.line("r\u200bm"));
        assertEquals(Set.of(Finding.HIDDEN), Legible.of("r\u200bm").findings());
    }

    @Test
    void padding_is_counted_and_what_follows_stays_near() {
        assertEquals("ls‹240 spaces›;rm", Legible.line("ls" + " ".repeat(240) + ";rm"));
        assertEquals("ls‹62 line breaks›rm", Legible.line("ls" + "\n".repeat(62) + "rm"));
        assertEquals("ls‹3000 × U+00A0›;rm", Legible.line("ls" + "\u00a0".repeat(3000) + ";rm"));
        assertEquals(
                "ls‹padding of 200: 100 line breaks, 100 spaces›rm",
                Legible.of("ls" + "\n ".repeat(100) + "rm", Room.SHEET).line());
        assertEquals("if x:↵    pass↵", Legible.line("if x:\n    pass\n"));
        assertEquals(
                Set.of(), Legible.of("if x:\n    pass\r\n".replace("\r", "")).findings());
    }

    @Test
    void look_alikes_are_named() {
        assertEquals("ｒｍ‹looks like \"rm\"› －ｒｆ‹looks like \"-rf\"›", Legible.line("ｒｍ －ｒｆ"));
        assertEquals("pаypal‹looks like \"paypal\"›.com", Legible.line("p\u0430ypal.com"));
        assertEquals("сат‹looks like \"cat\"› x", Legible.line("\u0441\u0430\u0442 x"));
        assertEquals("ʀᴍ‹looks like \"rm\"›", Legible.line("\u0280\u1d0d"));
        assertEquals("сору‹looks like \"copy\"› /etc", Legible.line("\u0441\u043e\u0440\u0443 /etc"));
        assertEquals(Set.of(Finding.LOOKALIKE), Legible.of("p\u0430ypal").findings());
    }

    @Test
    void a_mark_of_ours_cannot_be_written_by_others() {
        assertEquals("‹U+2039›U+202E‹U+203A›‹U+21B5›", Legible.line("‹U+202E›↵"));
    }

    @Test
    void words_that_run_to_the_left_stand_between_words_that_run_to_the_right() {
        assertEquals("a ‹right to left›שלום עולם‹left to right› 1/2", Legible.line("a שלום עולם 1/2"));
    }

    @Test
    void a_long_text_shows_both_ends_and_counts_the_bytes_between() {
        String text = "a".repeat(5_000) + "é" + "b".repeat(4_997) + "END";
        var legible = Legible.of(text, Room.SHEET);

        assertTrue(legible.mustOpen());
        assertTrue(legible.line().startsWith("aaa") && legible.line().endsWith("bEND"), legible.line());
        assertTrue(legible.line().contains("‹" + (10_002 - 2_000) + " more bytes – must open›"), legible.line());
        assertFalse(Legible.of(text).mustOpen());
        assertEquals(text, Legible.line(text));
    }

    @Test
    void a_text_that_just_fits_is_whole() {
        assertFalse(Legible.of("a".repeat(2_000), Room.SHEET).mustOpen());
        assertTrue(Legible.of("a".repeat(2_001), Room.SHEET).mustOpen());
    }

    @Test
    void many_short_lines_are_long() {
        assertTrue(Legible.of("a\n".repeat(100), Room.SHEET).mustOpen());
    }
}
