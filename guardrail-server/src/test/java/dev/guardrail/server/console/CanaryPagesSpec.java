package dev.guardrail.server.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.server.wiring.Served;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A request that tests approvers is on its page what a held call is, until it is over.
class CanaryPagesSpec {
    private static final String CANARIES = """
            approvals:
              canaries:
                every: 24h
                approvers: [role:approver]
                expiresAfter: 1h
                catalogue:
                  - tool: crm.pay
                    agent: coder
                    rule: hold-pay
                    reason: the payee has a new account
                    arguments: {amount: 9900, iban: DE00 0000}
            """;

    @Test
    void nothing_on_its_page_tells_it_from_a_held_call_until_it_is_over(@TempDir Path directory) throws Exception {
        Served.write(directory.resolve("guardrail.yaml"), Served.CONFIGURATION + CANARIES);
        Files.createDirectory(
                directory.resolve("policies"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        Served.write(directory.resolve("policies/rules.yaml"), Served.RULES);
        try (var served = Served.in(directory)) {
            String real = served.post(
                            Served.CODER,
                            "/v1/calls",
                            "{\"tool\":\"crm.pay\",\"arguments\":{\"amount\":9900,\"iban\":\"DE00 0000\"},"
                                    + "\"reason\":\"the payee has a new account\"}")
                    .json()
                    .object("approval")
                    .orElseThrow()
                    .text("id")
                    .orElseThrow();
            String made =
                    served.post(Served.ROOT, "/v1/approvals/canaries", "{}").text("id");
            var ann = new Visitor(served).signIn(Served.ANN);

            assertEquals(skeleton(ann, real), skeleton(ann, made));
            assertTrue(ann.get("/console/approvals").text().contains("/console/approvals/" + made));

            var deny = ann.form("/console/approvals/" + made, "/console/approvals/" + made + "/approve");
            deny.putAll(Map.of("reason", "a new account"));
            assertEquals(
                    303, ann.post("/console/approvals/" + made + "/deny", deny).status());
            assertTrue(ann.get("/console/approvals/" + made).text().contains("This was a test."));
            assertFalse(ann.get("/console/approvals/" + real).text().contains("This was a test."));
        }
    }

    /// The article of a request's page, without what is another with every request, visit or second.
    private static String skeleton(Visitor visitor, String id) {
        String page = visitor.get("/console/approvals/" + id).text();
        return page.substring(page.indexOf("<article"), page.indexOf("</article>"))
                .replaceAll("(apr|call|ses)_[0-9A-Z]{26}", "ID")
                .replaceAll("value=\"[A-Za-z0-9_-]{43}\"", "SECRET")
                .replaceAll("[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:.]{8,27}(Z| UTC)", "TIME")
                .replaceAll("[0-9]+ h [0-9]+ min|[0-9]+ min [0-9]+ s|[0-9]+ s<", "LEFT")
                .replaceAll("value=\"[0-9]{1,3}\"", "SHARE");
    }
}
