package dev.guardrail.server.notify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.guardrail.base.JsonObject;
import dev.guardrail.server.sheet.Deception;
import dev.guardrail.server.sheet.Oracle;
import dev.guardrail.server.wiring.Served;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/// Every hostile text as the argument and the reason of a held call, as a real webhook and a real mail server get it.
class ToldCorpusGolden {
    @SuppressWarnings("NullAway.Init") // set before all
    private static Told told;

    @BeforeAll
    static void start(@TempDir Path directory) throws Exception {
        told = new Told(directory, Told.RULES);
    }

    @AfterAll
    static void stop() throws IOException {
        told.close();
    }

    @TestFactory
    Stream<DynamicTest> nobody_is_deceived() throws IOException {
        return Deception.all().stream().map(hostile -> dynamicTest(hostile.name(), () -> tell(hostile)));
    }

    private static void tell(Deception hostile) throws Exception {
        var arguments = JsonObject.with("command", hostile.text()).build();
        var held = told.hold(Served.CODER, "crm.pay", arguments, hostile.text().length() < 500 ? hostile.text() : "");
        var event = Told.event(told.ops, held.approval() + "-requested");
        var letter = told.letter(held.approval() + "-requested");
        told.served.post(Served.ANN, "/v1/approvals/" + held.approval() + "/deny", "{\"reason\":\"no\"}");

        told.ops.taken().forEach(taken -> isPlain(taken.text()));
        var data = event.object("data").orElseThrow();
        String text = data.text("text").orElseThrow();
        Oracle.hidesNothing(data.text("title").orElseThrow());
        Oracle.hidesNothing(text);
        Oracle.isSeen(hostile.danger(), text);

        isPlain(letter.head().replace("\r\n", " ").replace("\t", " "));
        var message = letter.message();
        Oracle.hidesNothing(message.getSubject());
        String body = ((String) message.getContent()).replace("\r\n", "\n");
        Oracle.hidesNothing(body);
        Oracle.isSeen(hostile.danger(), body);
    }

    /// What goes over the wire is visible ASCII.
    private static void isPlain(String wire) {
        wire.chars().forEach(unit -> assertEquals(unit, Math.clamp(unit, ' ', '~'), () -> "U+%04X".formatted(unit)));
    }

    @Test
    void an_ordinary_call_is_told_without_any_mark() throws Exception {
        var held = told.hold(
                Served.OTHER,
                "crm.pay",
                JsonObject.with("to", "ann@example.org").build(),
                "The invoice is due.");
        String text = Told.event(told.ops, held.approval() + "-requested")
                .object("data")
                .flatMap(data -> data.text("text"))
                .orElseThrow();
        assertEquals("""
                other wants to call crm.pay (external), with to "ann@example.org"
                  | to: "ann@example.org"
                The agent says (not verified):
                  +--
                  | "The invoice is due."
                  +--
                See all of it and decide:
                  guardrail approvals show %s
                """.formatted(held.approval()), text + (text.endsWith("\n") ? "" : "\n"));
        String mail = new String(
                told.letter(held.approval()).message().getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(mail.replace("\r\n", "\n").contains(text.strip()), mail);
    }
}
