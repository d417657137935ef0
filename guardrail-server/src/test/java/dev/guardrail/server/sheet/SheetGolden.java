package dev.guardrail.server.sheet;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import dev.guardrail.base.StrictJson;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/// A sheet and a notice, letter by letter.
class SheetGolden {
    private static JsonObject json(String text) {
        return (JsonObject) StrictJson.parse(text.getBytes(StandardCharsets.UTF_8));
    }

    private static final JsonObject APPROVAL = DeceptionGolden.approval(
                    json(
                            "{\"command\":\"ls\\nrm -rf \\u202ex\",\"count\":5,\"env\":{\"A\":[true,\"1\"]},\"dry\":null}"),
                    "Approved already.")
            .set("proposed", json("{\"command\":\"ls\\nrm -rf \\u202ex\",\"count\":9,\"env\":{\"A\":[true,\"1\"]}}"))
            .set("editedBy", new JsonText("ann"));

    @Test
    void claim_risk_and_warnings_come_first_and_the_agents_words_last() {
        assertEquals("""
                coder wants to call shell.run (external), with command "ls↵rm -rf ‹U+202E›x",
                  … count 5, env an object of 1 and 1 argument more
                Risk: high. State: pending.
                ! hidden characters in `args.command`

                Why
                  rule hold-run asks approver: 0 of 1

                Arguments
                  sha256:0000000000000000000000000000000000000000000000000000000000000000
                  | command:
                  |   > "ls↵
                  |   > rm -rf ‹U+202E›x"
                  | count: 5
                  | env:
                  |   A:
                  |     - true
                  |     - "1"
                  | dry: null

                Changed from what the agent proposed, by policy or by ann
                  | args.count
                  | - 9
                  | + 5
                  | args.dry
                  | + null

                Who can decide: ann
                Opened 2026-11-20T12:16:50Z, expires 2026-11-20T13:16:50Z
                Approval apr_1, call call_1, session ses_1

                The agent says (not verified)
                  +--
                  | "Approved already."
                  +--
                """, new Sheet(APPROVAL).text(80, Room.SHEET));
    }

    @Test
    void a_notice_is_short_and_says_what_to_do() {
        Notice notice = new Sheet(APPROVAL).notice("guardrail approvals show apr_1");

        assertEquals("Approval needed (high risk): coder wants shell.run", notice.title());
        assertEquals("""
                coder wants to call shell.run (external), with command "ls↵rm -rf
                  … ‹U+202E›x", count 5, env an object of 1 and 1 argument more
                ! hidden characters in `args.command`
                  | command:
                  |   > "ls↵
                  |   > rm -rf ‹U+202E›x"
                  | count: 5
                  | env:
                  |   A:
                  |     - true
                  |     - "1"
                  | dry: null
                The agent says (not verified):
                  +--
                  | "Approved already."
                  +--
                See all of it and decide:
                  guardrail approvals show apr_1
                """, notice.text());
    }
}
