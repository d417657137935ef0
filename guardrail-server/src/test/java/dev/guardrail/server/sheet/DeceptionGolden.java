package dev.guardrail.server.sheet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import dev.guardrail.base.JsonWriter;
import dev.guardrail.base.StrictJson;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Every hostile text, wherever an agent can put it, through everything that shows a held call.
class DeceptionGolden {
    private static final int TERMINAL = 80;
    private static final int MAIL = 72;
    private static final int NAME = 256;

    @TestFactory
    Stream<DynamicTest> as_a_value() throws IOException {
        return each(
                Deception.all(),
                hostile -> JsonObject.with("command", hostile.text()).build(),
                "fine");
    }

    @TestFactory
    Stream<DynamicTest> as_a_value_deep_among_others() throws IOException {
        return each(
                Deception.all(),
                hostile -> JsonObject.with("path", "/workspace")
                        .with(
                                "steps",
                                new JsonArray(List.of(
                                        new JsonText("ls"),
                                        JsonObject.with("run", hostile.text()).build())))
                        .build(),
                "fine");
    }

    @TestFactory
    Stream<DynamicTest> as_a_name() throws IOException {
        return each(names(), hostile -> JsonObject.with(hostile.text(), "x").build(), "fine");
    }

    @TestFactory
    Stream<DynamicTest> as_a_name_of_an_object() throws IOException {
        return each(
                names(),
                hostile -> JsonObject.with(
                                "environment",
                                JsonObject.with(
                                                hostile.text(),
                                                JsonObject.builder()
                                                        .with("a", 1)
                                                        .build())
                                        .build())
                        .build(),
                "fine");
    }

    @TestFactory
    Stream<DynamicTest> as_the_reason() throws IOException {
        return Deception.all().stream()
                .map(hostile -> DynamicTest.dynamicTest(
                        hostile.name(),
                        () -> check(
                                hostile,
                                approval(JsonObject.builder().with("amount", 5).build(), hostile.text()))));
    }

    @TestFactory
    Stream<DynamicTest> as_what_was_proposed_and_as_an_answer() throws IOException {
        return Deception.all().stream()
                .map(hostile -> DynamicTest.dynamicTest(hostile.name(), () -> {
                    JsonObject approval = approval(
                                    JsonObject.with("command", "ls").build(), "fine")
                            .set(
                                    "proposed",
                                    JsonObject.with("command", hostile.text()).build())
                            .set(
                                    "dialogue",
                                    new JsonArray(List.of(JsonObject.with("part", "answer")
                                            .with("by", "coder")
                                            .with("at", "2026-11-20T12:16:50Z")
                                            .with("text", hostile.text())
                                            .with("trusted", false)
                                            .build())));
                    String sheet = new Sheet(approval).text(TERMINAL, Room.SHEET);
                    Oracle.hidesNothing(sheet);
                    Oracle.isSeen(hostile.danger(), sheet);
                    Oracle.fits(TERMINAL, sheet);
                }));
    }

    private interface Placed {
        JsonObject of(Deception hostile);
    }

    /// Longer names are refused before anybody is asked.
    private static List<Deception> names() throws IOException {
        return Deception.all().stream()
                .filter(hostile -> hostile.text().length() <= NAME)
                .toList();
    }

    private static Stream<DynamicTest> each(List<Deception> all, Placed placed, String reason) {
        return all.stream()
                .map(hostile -> DynamicTest.dynamicTest(
                        hostile.name(), () -> check(hostile, approval(placed.of(hostile), reason))));
    }

    private static void check(Deception hostile, JsonObject approval) {
        var sheet = new Sheet(approval);
        Notice notice = sheet.notice("guardrail approvals show apr_1 --open");
        for (String shown : List.of(sheet.text(TERMINAL, Room.SHEET), sheet.text(MAIL, Room.SHEET), notice.text())) {
            Oracle.hidesNothing(shown);
            Oracle.isSeen(hostile.danger(), shown);
            Oracle.forgesNoLine(shown);
            assertFalse(shown.matches("(?s).*(‹|, )\\d+ more bytes –?( must)?\\n.*"), () -> "broken: " + shown);
            if (!shown.contains("must open"))
                assertTrue(
                        shown.replaceAll("\\n[ |…>]*", "")
                                .contains(hostile.looks().replace(" ", "")),
                        shown);
        }
        Oracle.hidesNothing(notice.title());
        Oracle.fits(TERMINAL, sheet.text(TERMINAL, Room.SHEET));
        Oracle.fits(MAIL, notice.text());
        assertTrue(
                notice.text().length() < 8_000,
                "a notification is short: " + notice.text().length());
        whole(hostile, sheet);
        exactInJson(approval);
    }

    /// Opened, nothing is left out, and nothing hides.
    private static void whole(Deception hostile, Sheet sheet) {
        String open = sheet.text(TERMINAL, Room.WHOLE);
        Oracle.hidesNothing(open);
        Oracle.fits(TERMINAL, open);
        assertFalse(open.replace("‹U+2039›", "").contains("bytes – must open›"), open);
        Oracle.isSeen(hostile.danger(), open);
    }

    /// Bytes that hide nothing from somebody who reads them raw, and the same value once parsed.
    private static void exactInJson(JsonObject approval) {
        byte[] raw = JsonWriter.shown(approval);
        Oracle.hidesNothing(new String(raw, StandardCharsets.UTF_8).replaceAll(" {41,}", " "));
        assertFalse(new String(raw, StandardCharsets.UTF_8).contains("\n"));
        assertEquals(approval, StrictJson.parse(raw, StrictJson.Limits.DEFAULT.withBytes(64 << 20)));
    }

    static JsonObject approval(Json arguments, String reason) {
        return JsonObject.with("id", "apr_1")
                .with("callId", "call_1")
                .with("session", "ses_1")
                .with("tool", "shell.run")
                .with("agent", "coder")
                .with("argumentsDigest", "sha256:" + "0".repeat(64))
                .with("risk", "high")
                .with("state", "pending")
                .with("required", 1)
                .with("given", 0)
                .with("rules", JsonArray.ofTexts(List.of("hold-run")))
                .with("openedAt", "2026-11-20T12:16:50Z")
                .with("expiresAt", "2026-11-20T13:16:50Z")
                .with(
                        "claim",
                        new Claim(
                                        "coder",
                                        Optional.empty(),
                                        "shell.run",
                                        Optional.of("external"),
                                        Optional.of(arguments))
                                .toString())
                .with("warnings", JsonArray.ofTexts(Survey.ofArguments(arguments)))
                .with("mustOpen", JsonArray.ofTexts(Exhibit.mustOpen(Survey.ARGUMENTS, arguments)))
                .with(
                        "holds",
                        new JsonArray(List.of(JsonObject.with("rule", "hold-run")
                                .with("approvers", JsonArray.ofTexts(List.of("approver")))
                                .with("required", 1)
                                .with("given", 0)
                                .build())))
                .with("canDecide", JsonArray.ofTexts(List.of("ann")))
                .with("arguments", arguments)
                .with(
                        "agentSays",
                        JsonObject.with("reason", reason).with("trusted", false).build())
                .build();
    }

    @Test
    void many_names_hide_none() {
        var arguments = JsonObject.builder();
        for (int i = 0; i < 5_000; i++) arguments.with("k" + i, i == 2_500 ? "rm -rf ~" : "ls");
        var sheet = new Sheet(approval(arguments.build(), "fine"));

        for (String shown :
                List.of(sheet.text(TERMINAL, Room.SHEET), sheet.notice("x").text()))
            assertTrue(shown.matches("(?s).*\\d+ more members, \\d+ more bytes – must open.*"), shown);
        assertEquals(List.of("args"), sheet.mustOpen());
        assertTrue(sheet.text(TERMINAL, Room.WHOLE).contains("  | k2500: \"rm -rf ~\"\n"));
    }

    @Test
    void hidden_characters_are_found_however_many_members_there_are() {
        var arguments = JsonObject.builder();
        for (int i = 0; i < 5_000; i++) arguments.with("k" + i, i == 2_500 ? "r\u200bm" : "ls");

        assertTrue(new Sheet(approval(arguments.build(), "fine"))
                .text(TERMINAL, Room.SHEET)
                .contains("! hidden characters in `args.k2500`\n"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\u001b[2J",
                "a\u202eb",
                "r\u200bm",
                "\u2800",
                "\u3164",
                "\u00a0",
                "\uDB40\uDC41",
                "\ufe0f",
                "\u009b",
                "a\rb",
                "e\u0300\u0301\u0302\u0303",
                "a\n\n\nb",
                "a                                         b"
            })
    void the_oracle_sees_what_hides(String hostile) {
        assertThrows(AssertionError.class, () -> Oracle.hidesNothing(hostile));
    }

    @Test
    void an_ordinary_call_is_shown_as_it_is_and_without_a_warning() {
        var approval = approval(
                JsonObject.with("to", "Ελένη")
                        .with("subject", "請求書 ✅")
                        .with("text", "Η γρήγορη καφέ αλεπού πηδά.\n\nいろはにほへと、世界！\n")
                        .build(),
                "Bitte – es eilt.");
        String sheet = new Sheet(approval).text(TERMINAL, Room.SHEET);

        assertTrue(sheet.contains("  | to: \"Ελένη\"\n  | subject: \"請求書 ✅\"\n"), sheet);
        assertTrue(sheet.contains("  |   > いろはにほへと、世界！↵\n"), sheet);
        assertTrue(sheet.contains("  | \"Bitte – es eilt.\"\n"), sheet);
        assertFalse(sheet.contains("! ") || sheet.contains("‹"), sheet);
    }
}
