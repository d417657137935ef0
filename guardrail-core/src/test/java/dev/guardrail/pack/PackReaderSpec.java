package dev.guardrail.pack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.JsonObject;
import dev.guardrail.call.Risk;
import dev.guardrail.call.ToolDefinition;
import dev.guardrail.condition.Condition;
import dev.guardrail.policy.Effect;
import dev.guardrail.policy.Layer;
import dev.guardrail.policy.PolicySet;
import dev.guardrail.policy.Quorum;
import dev.guardrail.policy.Rule;
import dev.guardrail.testing.Calls;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// What a pack of sound files comes to, and what keeps one from being used.
class PackReaderSpec {
    private static final String HEAD = "apiVersion: guardrail/v1\nkind: Policy\n";
    private static final String ALLOW = "  - {id: a, match: {tools: [files.read]}, effect: allow}\n";
    private static final String DENY = "  - {id: d, match: {tools: [files.write]}, effect: deny, message: No.}\n";

    @Test
    void how_long_an_approval_may_be_remembered_is_part_of_what_a_rule_says() {
        String rule = """
                  - id: pays
                    match: {tools: [stripe.refund]}
                    effect: require_approval
                    approval: {approvers: [role:approver]%s}
                """;
        Rule never = only(rule.formatted(""));
        Rule day = only(rule.formatted(", remember: {max: 24h}"));
        assertEquals(Optional.empty(), never.quorum().orElseThrow().remember());
        assertEquals(
                Optional.of(Duration.ofHours(24)), day.quorum().orElseThrow().remember());
        assertEquals(never.digest(), only(rule.formatted(", remember: never")).digest());
        assertEquals(day.digest(), only(rule.formatted(", remember: {max: 1d}")).digest());
        assertEquals(
                3,
                Set.of(
                                never.digest(),
                                day.digest(),
                                only(rule.formatted(", remember: {max: 12h}")).digest())
                        .size());
    }

    @Test
    void a_rule_is_read_with_all_that_it_says() {
        Rule rule = only("""
                  - id: refund-over-500
                    match: {tools: [stripe.refund, "stripe.re*"], labels: [money], agents: [bot], roles: [clerk], users: [ann]}
                    when: args.amount > 50000 && args.currency == "eur"
                    effect: require_approval
                    risk: high
                    message: Refunds of this size need two people.
                    enforcement: shadow
                    approval:
                      approvers: [group:payments, "role:approver", ann, session.user]
                      required: 2
                      distinctGroups: false
                      excludeRequester: false
                      expiresAfter: 15m
                      validFor: 30s
                      confirm: args.amount
                      remember: never
                """);
        assertEquals("refund-over-500", rule.id().value());
        assertEquals(Effect.REQUIRE_APPROVAL, rule.effect());
        assertEquals(
                List.of("stripe.refund", "stripe.re*"),
                rule.match().tools().stream().map(Object::toString).toList());
        assertEquals(Set.of("money"), rule.match().labels());
        assertEquals(Set.of("bot"), rule.match().agents());
        assertEquals(Set.of("clerk"), rule.match().roles());
        assertEquals(Set.of("ann"), rule.match().users());
        assertEquals(Risk.HIGH, rule.risk());
        assertEquals("Refunds of this size need two people.", rule.text());
        assertTrue(rule.shadow());
        assertEquals("rules.yaml:4", rule.position());
        assertEquals(
                new Quorum(
                        List.of("group:payments", "role:approver", "ann", "session.user"),
                        2,
                        false,
                        false,
                        Duration.ofMinutes(15),
                        Duration.ofSeconds(30),
                        Optional.of("args.amount"),
                        Optional.empty()),
                rule.quorum().orElseThrow());
    }

    @Test
    void others_are_asked_in_the_order_of_time_and_a_change_of_whom_is_a_change_of_the_rule() {
        String rule = "  - {id: h, match: {tools: [\"*.*\"]}, effect: require_approval, approval: {escalate: ["
                + "{after: 20m, to: [otto]}, {after: 5m, to: [\"group:leads\", ann]}]}}\n";
        var quorum = only(rule).quorum().orElseThrow();
        assertEquals(
                List.of(
                        new Quorum.Escalation(Duration.ofMinutes(5), List.of("group:leads", "ann")),
                        new Quorum.Escalation(Duration.ofMinutes(20), List.of("otto"))),
                quorum.escalate());
        assertFalse(
                only(rule).digest().equals(only(rule.replace("otto", "olga")).digest()));
    }

    @Test
    void what_is_left_out_has_its_default() {
        Rule rule = only("  - {id: h, match: {tools: [\"*.*\"]}, effect: require_approval}\n");
        assertEquals(Condition.ALWAYS, rule.when());
        assertEquals(Optional.of(Quorum.DEFAULT), rule.quorum());
        assertEquals(Risk.LOW, rule.risk());
        assertFalse(rule.shadow());
        assertEquals(
                rule.digest(),
                only("  - {id: h, match: {tools: [\"*.*\"]}, effect: require_approval, risk: low, approval: {required: 1}}\n")
                        .digest(),
                "a default that is written out says nothing new");
    }

    @Test
    void the_other_effects_carry_their_own_words() {
        Rule deny = only("  - {id: d, match: {tools: [\"*.*\"]}, effect: deny, message: No., instead: [b, a]}\n");
        assertEquals("No.", deny.text());
        assertEquals(List.of("b", "a"), deny.instead());
        assertEquals(
                "Who?",
                only("  - {id: c, match: {tools: [\"*.*\"]}, effect: clarify, ask: Who?}\n")
                        .text());
        Rule modify =
                only("  - {id: m, match: {tools: [\"*.*\"]}, effect: modify, set: {args.a: 1, args.b.c: \"'x'\"}}\n");
        assertEquals(Set.of("args.a", "args.b.c"), modify.set().keySet());
    }

    @Test
    void the_version_is_of_what_is_said_not_of_how_it_is_filed() {
        var one = version(HEAD + "rules:\n" + ALLOW + DENY);
        assertEquals(one, version(HEAD + "rules:\n" + DENY + "# why\n" + ALLOW));
        assertEquals(one, version(HEAD + "rules:\n" + DENY, HEAD + "rules:\n" + ALLOW));
        assertEquals(one, version(HEAD + "rules:\n" + ALLOW, HEAD + "rules:\n" + DENY));
        assertEquals(one, version(HEAD + "metadata: {name: x}\nrules:\n" + ALLOW + "---\n" + HEAD + "rules:\n" + DENY));
        assertNotEquals(one, version(HEAD + "rules:\n" + ALLOW));
        assertNotEquals(one, version(HEAD + "rules:\n" + ALLOW + DENY.replace("No.", "Never.")));
        assertNotEquals(one, version(HEAD + "metadata: {layer: z}\nrules:\n" + ALLOW + DENY));
        assertNotEquals(one, version(HEAD + "default: abstain\nrules:\n" + ALLOW + DENY));
        assertNotEquals(
                one,
                version(
                        HEAD + "rules:\n" + ALLOW + DENY,
                        "apiVersion: guardrail/v1\nkind: Tools\nserver: files\ntools: {read: {labels: [x]}}\n"));
    }

    @Test
    void layers_gather_across_files_and_abstain_where_one_says_so() {
        var pack = read(
                HEAD + "metadata: {layer: team}\ndefault: abstain\nrules:\n" + ALLOW,
                HEAD + "metadata: {layer: team}\nrules:\n" + DENY,
                HEAD + "rules:\n" + ALLOW.replace("id: a", "id: b"));
        assertEquals(List.of(), pack.diagnostics());
        assertEquals(
                List.of("main false [b]", "team true [a, d]"),
                pack.policies().layers().stream()
                        .map(layer -> layer.name() + " " + layer.abstains() + " " + layer.rules())
                        .toList());
    }

    @Test
    void one_error_keeps_all_of_it_from_being_used() {
        var pack = read(HEAD + "rules:\n" + ALLOW, HEAD + "rulez:\n" + DENY);
        assertFalse(pack.isSound());
        assertEquals(PolicySet.EMPTY, pack.policies());
        assertTrue(read(HEAD + "rules:\n" + ALLOW, HEAD + "rules:\n" + DENY).isSound());
    }

    @Test
    void findings_are_kept_within_bounds_and_errors_before_warnings() {
        var text = new StringBuilder(HEAD + "rules:\n");
        for (int i = 0; i < Findings.CAP + 50; i++)
            text.append("  - {id: w").append(i).append(", match: {tools: [\"*.*\"]}, effect: allow}\n");
        assertTrue(read(text.toString()).isSound());
        var pack = read(text + "  - {id: bad, match: {tools: [\"*\"]}, effect: allow}\n");
        assertFalse(pack.isSound());
        assertTrue(pack.diagnostics().size() <= Findings.CAP + 1);
    }

    @Test
    void conditions_are_checked_against_the_tools_that_their_rule_matches() {
        var schema = JsonObject.with("name", "read")
                .with(
                        "inputSchema",
                        JsonObject.with("type", "object")
                                .with(
                                        "properties",
                                        JsonObject.with(
                                                        "path",
                                                        JsonObject.with("type", "string")
                                                                .build())
                                                .build())
                                .build())
                .build();
        ToolDefinition tool = new ToolCatalogue(Map.of(), Map.of())
                .describe(Calls.tool("files.read").name(), Optional.of(schema))
                .orElseThrow();
        String rule = HEAD + "rules:\n  - {id: a, match: {tools: [files.read]}, when: args.%s == 'x', effect: allow}\n";
        var reader = new PackReader(List.of(tool));
        var mistyped = reader.readSources(List.of(new Source("rules.yaml", rule.formatted("pth"))));
        assertEquals(
                List.of("rules.yaml:4:54"),
                mistyped.diagnostics().stream().map(Diagnostic::position).toList());
        assertTrue(reader.readSources(List.of(new Source("rules.yaml", rule.formatted("path"))))
                .isSound());
    }

    @Test
    void aliases_are_read_up_to_their_cap() {
        String anchored = HEAD + "rules:\n  - {id: a, match: {tools: &t [files.read]}, effect: allow}\n";
        var fine = new StringBuilder(anchored);
        for (int i = 0; i < YamlReader.ALIASES; i++)
            fine.append("  - {id: d")
                    .append(i)
                    .append(", match: {tools: *t}, when: args.n == ")
                    .append(i)
                    .append(", effect: deny}\n");
        assertTrue(read(fine.toString()).isSound());
        assertEquals(List.of("alias"), codes(read(fine + "  - {id: z, match: {tools: *t}, effect: deny}\n")));
        assertEquals(List.of("alias"), codes(read(anchored + "---\n" + HEAD + "rules: *t\n")));
    }

    @Test
    void a_diagnostic_shows_the_line_with_a_caret_and_nothing_that_is_not_printable() {
        var diagnostic = new Diagnostic(
                Diagnostic.Severity.ERROR, "code", "f.yaml", 3, 5, "no `\u202e`", "a\tb\u200bc\u001b[31m");
        assertEquals("f.yaml:3:5: error: no `?` [code]\n | a b?c?[31m\n | ....^", diagnostic.render());
        var far = new Diagnostic(Diagnostic.Severity.WARNING, "code", "f.yaml", 1, 301, "far", "x".repeat(400));
        assertEquals(
                "f.yaml:1:301: warning: far [code]\n | " + "x".repeat(120) + "\n | " + ".".repeat(60) + "^",
                far.render());
    }

    @Test
    void a_catalogue_lies_over_what_servers_say() {
        var pack = read("""
                apiVersion: guardrail/v1
                kind: Tools
                server: files
                taints: [web]
                tools:
                  read: {effect: read, labels: [fs], idempotent: true, taints: [secret]}
                  own: {description: Mine, inputSchema: {type: object, properties: {n: {type: number, maximum: 1e3}}}}
                """);
        assertEquals(List.of(), pack.diagnostics());
        var served = JsonObject.with("name", "read").with("_meta", "x").build();
        ToolDefinition read = pack.catalogue()
                .describe(Calls.tool("files.read").name(), Optional.of(served))
                .orElseThrow();
        assertEquals(Set.of("web", "secret"), read.taints());
        assertEquals(Set.of("fs"), read.labels());
        assertTrue(read.idempotent());
        assertFalse(read.callerRun());
        assertEquals(Calls.tool("files.read").digest(), read.digest());
        ToolDefinition own = pack.catalogue()
                .describe(Calls.tool("files.own").name(), Optional.empty())
                .orElseThrow();
        assertTrue(own.callerRun());
        assertEquals(Set.of("web"), own.taints());
        assertEquals(
                "{\"type\":\"object\",\"properties\":{\"n\":{\"type\":\"number\",\"maximum\":1e3}}}",
                own.inputSchema().orElseThrow().toString());
        assertEquals(
                Optional.empty(),
                pack.catalogue().describe(Calls.tool("files.other").name(), Optional.empty()));
        ToolDefinition other = pack.catalogue()
                .describe(Calls.tool("files.other").name(), Optional.of(served))
                .orElseThrow();
        assertEquals(dev.guardrail.call.ToolEffect.EXTERNAL, other.effect());
    }

    @Test
    void the_layers_of_a_pack_without_policy_are_none() {
        assertEquals(
                PolicySet.EMPTY,
                read("apiVersion: guardrail/v1\nkind: Tools\nserver: files\n").policies());
    }

    private static Rule only(String rule) {
        var pack = read(HEAD + "rules:\n" + rule);
        assertTrue(pack.isSound(), () -> pack.diagnostics().toString());
        Layer layer = assertInstanceOf(Layer.class, pack.policies().layers().getFirst());
        assertEquals(1, layer.rules().size());
        return layer.rules().getFirst();
    }

    private static dev.guardrail.base.Sha256 version(String... texts) {
        var pack = read(texts);
        assertTrue(pack.isSound(), () -> pack.diagnostics().toString());
        return pack.policies().version();
    }

    private static List<String> codes(PolicyPack pack) {
        return pack.diagnostics().stream().map(Diagnostic::code).toList();
    }

    private static PolicyPack read(String... texts) {
        var sources = new java.util.ArrayList<Source>();
        for (String text : texts)
            sources.add(new Source(sources.isEmpty() ? "rules.yaml" : "more" + sources.size() + ".yaml", text));
        return new PackReader().readSources(sources);
    }
}
