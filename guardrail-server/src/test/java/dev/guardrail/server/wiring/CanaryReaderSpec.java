package dev.guardrail.server.wiring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.approval.CanaryPlan;
import dev.guardrail.call.Risk;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `approvals.canaries`, as the configuration says it.
class CanaryReaderSpec {
    private static final String ITEM = "[{tool: crm.pay, arguments: {amount: 1, to: 'x'}}]";

    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    private Path directory;

    @BeforeEach
    void policies() throws Exception {
        Files.createDirectory(
                directory.resolve("policies"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
    }

    private Optional<CanaryPlan> read(String approvals) throws Exception {
        Path file = directory.resolve("guardrail.yaml");
        Served.write(file, Served.CONFIGURATION + "approvals: " + approvals + "\n");
        return ConfigurationReader.read(file, new Secrets(Served.environment()::get))
                .canaries();
    }

    private void refused(String word, String canaries) {
        var refused = assertThrows(InvalidConfiguration.class, () -> read("{canaries: " + canaries + "}"));
        assertTrue(
                refused.findings().toString().contains(word), refused.findings().toString());
    }

    @Test
    void nothing_is_planted_unless_somebody_asks_for_it() throws Exception {
        assertEquals(Optional.empty(), read("{hold: 5s}"));
    }

    @Test
    void the_least_that_is_said_has_defaults() throws Exception {
        var plan = read("{canaries: {approvers: [role:approver], catalogue: " + ITEM + "}}")
                .orElseThrow();

        assertEquals(Duration.ofDays(1), plan.every());
        assertEquals(Duration.ofHours(1), plan.expiresAfter());
        assertEquals(List.of("role:approver"), plan.approvers());
        var decoy = plan.catalogue().getFirst();
        assertEquals("crm.pay", decoy.tool().toString());
        assertEquals("{\"amount\":1,\"to\":\"x\"}", decoy.arguments().toString());
        assertEquals("coder", decoy.agent(), "the first agent that is configured");
        assertEquals(Risk.MEDIUM, decoy.risk());
    }

    @Test
    void a_catalogue_lies_in_a_file_too() throws Exception {
        Served.write(directory.resolve("canaries.yaml"), """
                - tool: crm.pay
                  agent: bot
                  user: ann@shop.example
                  rule: hold-pay
                  risk: high
                  reason: "pay\\u202Ekcab"
                  arguments: {amount: 2}
                - {tool: crm.mail, arguments: {}}
                """);
        var plan =
                read("{canaries: {every: 7d, expiresAfter: 2h, approvers: [role:approver], catalogue: canaries.yaml}}")
                        .orElseThrow();

        assertEquals(2, plan.catalogue().size());
        assertEquals("pay\u202Ekcab", plan.catalogue().getFirst().reason());
        assertEquals("bot", plan.catalogue().getFirst().agent());
        assertEquals(Risk.HIGH, plan.catalogue().getFirst().risk());
    }

    @Test
    void what_cannot_be_meant_is_refused() throws Exception {
        refused("catalogue", "{approvers: [role:approver]}");
        refused("approvers", "{catalogue: " + ITEM + "}");
        refused("empty", "{approvers: [], catalogue: " + ITEM + "}");
        refused("`group:none`", "{approvers: [ann, group:none], catalogue: " + ITEM + "}");
        refused("`coder`", "{approvers: [coder], catalogue: " + ITEM + "}");
        refused("`every` is at least", "{every: 1s, approvers: [ann], catalogue: " + ITEM + "}");
        refused("a list of requests", "{approvers: [ann], catalogue: two.yaml}".replace("two.yaml", two()));
        refused("tool", "{approvers: [ann], catalogue: [{arguments: {}}]}");
        refused("`tool` is a server's name", "{approvers: [ann], catalogue: [{tool: pay, arguments: {}}]}");
        refused("arguments", "{approvers: [ann], catalogue: [{tool: crm.pay}]}");
        refused("is a mapping", "{approvers: [ann], catalogue: [{tool: crm.pay, arguments: [1]}]}");
        refused("run", "{approvers: [ann], catalogue: [{tool: crm.pay, arguments: {}, run: guard}]}");
        refused("risk", "{approvers: [ann], catalogue: [{tool: crm.pay, arguments: {}, risk: none}]}");
        refused("1 to 500", "{approvers: [ann], catalogue: []}");
        refused("there is no", "{approvers: [ann], catalogue: nowhere.yaml}");
        assertTrue(
                read("{canaries: {approvers: [ann], catalogue: " + ITEM + "}}").isPresent());
    }

    @Test
    void groups_of_an_identity_provider_name_people_whom_no_file_does() throws Exception {
        String provider = "\nidentity: {signIn: {issuer: \"https://id.example\", clientId: guard,"
                + " url: \"https://guardrail.example\", roles: {approver: [staff]}}}";
        String asked = "{canaries: {approvers: [%s], catalogue: " + ITEM + "}}";
        assertTrue(read(asked.formatted("\"group:staff\"") + provider).isPresent());
        assertThrows(InvalidConfiguration.class, () -> read(asked.formatted("\"group:staff\"")));
        assertThrows(InvalidConfiguration.class, () -> read(asked.formatted("nobody") + provider));
    }

    private String two() throws Exception {
        Served.write(directory.resolve("two.yaml"), ITEM + "\n---\n" + ITEM + "\n");
        return "two.yaml";
    }
}
