package dev.guardrail.pack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

/// Rules that are sound and probably not meant.
class PackLintSpec {
    private static final String HEAD = "apiVersion: guardrail/v1\nkind: Policy\n";
    private static final String ALLOW = "  - {id: a, match: {tools: [files.read]}, effect: allow}\n";
    private static final String DENY = "  - {id: d, match: {tools: [files.write]}, effect: deny, message: No.}\n";

    @Test
    void rules_that_are_probably_not_meant_are_warned_of() {
        assertEquals(List.of("over-wide"), warnings("{id: a, match: {tools: [\"*.*\"]}, effect: allow}"));
        assertEquals(List.of("over-wide"), warnings("{id: a, match: {tools: [x.y, \"*.*\"]}, effect: allow}"));
        assertEquals(List.of(), warnings("{id: a, match: {tools: [\"*.*\"], roles: [x]}, effect: allow}"));
        assertEquals(List.of(), warnings("{id: a, match: {tools: [\"*.*\"]}, when: args.x == 1, effect: allow}"));
        String deny = "{id: d, match: {tools: [\"files.*\"]}, effect: deny}";
        assertEquals(
                List.of("unreachable"),
                warnings(deny, "{id: a, match: {tools: [files.read], roles: [x]}, effect: allow}"));
        assertEquals(List.of(), warnings(deny, "{id: a, match: {tools: [mail.read]}, effect: allow}"));
        assertEquals(List.of(), warnings(deny, "{id: a, match: {tools: [\"files.mcp:x\"]}, effect: allow}"));
        assertEquals(List.of(), warnings(deny, "{id: a, match: {labels: [x]}, effect: allow}"));
        assertEquals(
                List.of(),
                warnings(
                        deny.replace("effect", "enforcement: shadow, effect"),
                        "{id: a, match: {tools: [files.x]}, effect: allow}"));
        assertEquals(
                List.of(),
                warnings(
                        deny.replace("effect", "when: args.x == 1, effect"),
                        "{id: a, match: {tools: [files.x]}, effect: allow}"));
        assertEquals(
                List.of("shadowed"),
                warnings(
                        "{id: a, match: {tools: [\"files.*\"]}, effect: allow}",
                        "{id: b, match: {tools: [files.read]}, when: args.x == 1, effect: allow}"));
        assertEquals(
                List.of(),
                warnings(
                        "{id: a, match: {tools: [\"files.*\"]}, effect: allow}",
                        "{id: b, match: {tools: [files.read]}, effect: allow, delay: 2m}"),
                "it delays what the other allows");
        assertEquals(List.of("no-delay"), warnings("{id: a, match: {tools: [files.x]}, effect: allow, delay: 0s}"));
        assertEquals(List.of("long-delay"), warnings("{id: a, match: {tools: [files.x]}, effect: allow, delay: 8d}"));
        assertEquals(List.of(), warnings("{id: a, match: {tools: [files.x]}, effect: require_approval, delay: 7d}"));
        assertEquals(
                List.of("duplicate"),
                warnings(
                        "{id: a, match: {tools: [files.x]}, when: args.x == 1, effect: deny}",
                        "{id: b, match: {tools: [files.x]}, when: args.x == 1, effect: deny}"));
    }

    private static List<String> warnings(String... rules) {
        var pack = read(HEAD + "rules:\n  - " + String.join("\n  - ", rules) + "\n");
        assertTrue(pack.isSound(), () -> pack.diagnostics().toString());
        return codes(pack);
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
