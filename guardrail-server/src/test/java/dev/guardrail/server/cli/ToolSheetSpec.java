package dev.guardrail.server.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.StrictJson;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ToolSheetSpec {
    private static JsonObject json(String text) {
        return (JsonObject) StrictJson.parse(text.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
    }

    private static String printed(JsonObject tool) {
        var bytes = new ByteArrayOutputStream();
        ToolSheet.print(new PrintStream(bytes, true, StandardCharsets.UTF_8), tool);
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Test
    void findings_are_told_and_what_is_hidden_is_written_out() {
        var tool = json("{'tool':'files.read','state':'quarantined','offered':'sha256:ab',"
                + "'change':{'name':'read','description':'Reads.\\u202E\\u001b[2J'},"
                + "'findings':['description[6] U+202E','description[7] U+001B']}");

        assertEquals("""
                tool: files.read
                state: quarantined
                offered: sha256:ab
                findings:
                  ! description[6] U+202E
                  ! description[7] U+001B
                definition:
                  name: read
                  description: Reads.‹U+202E›‹U+001B›[2J
                """, printed(tool));
        assertEquals("description[6] U+202E and 1 more", ToolSheet.reason(tool));
    }

    @Test
    void of_a_long_text_that_changed_the_changed_part_is_shown() {
        String same = "x".repeat(200);
        var tool = json("{'tool':'files.read','state':'quarantined','digest':'sha256:aa','offered':'sha256:ab',"
                + "'definition':{},'change':{},'differences':["
                + "{'at':'description','before':'" + same + " old','after':'" + same + " new\\nline'},"
                + "{'at':'inputSchema.required','before':['path']},{'at':'annotations','after':{'a':1}},"
                + "{'at':'title','after':'\\u200B'}]}");

        String shown = printed(tool);

        String tail = "x".repeat(59) + " ";
        assertTrue(
                shown.endsWith("changed:\n  description\n    - …" + tail + "old\n    + …" + tail + "new‹U+000A›line\n"
                        + "  inputSchema.required\n    - [\"path\"]\n  annotations\n    + {\"a\":1}\n"
                        + "  title\n    + \"‹U+200B›\"\n"),
                shown);
        assertEquals("changed: description, inputSchema.required, annotations, …", ToolSheet.reason(tool));
    }

    @Test
    void a_pinned_tool_waits_for_nothing() {
        var tool = json("{'tool':'files.read','state':'pinned','digest':'sha256:aa','definition':{'name':'read'}}");

        assertEquals("", ToolSheet.reason(tool));
        assertTrue(printed(tool).endsWith("definition:\n  name: read\n"), printed(tool));
    }
}
