package dev.guardrail.pack;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.guardrail.base.JsonObject;
import dev.guardrail.call.ToolDefinition;
import dev.guardrail.call.ToolEffect;
import dev.guardrail.call.ToolName;
import dev.guardrail.pack.Surroundings.ServerKind;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// What a review makes of policies, and what it calls a gap.
final class AutonomyReviewSpec {
    private static final String TOOLS = """
            apiVersion: guardrail/v1
            kind: Tools
            server: files
            tools:
              read_file: {effect: read}
              write_file:
                effect: write
                labels: [fs-write]
                undo:
                  before: {tool: read_file, args: {path: "${args.path}"}}
                  compensate: {tool: write_file, args: {path: "${args.path}", content: "${before.text}"}}
              send: {effect: external, undo: {cannot: a sent message cannot be unsent}}
            """;

    private static AutonomyReview review(String rules, Surroundings surroundings, ToolDefinition... pinned) {
        String policy = "apiVersion: guardrail/v1\nkind: Policy\nmetadata: {name: p}\nrules:\n" + rules.indent(2);
        var pack = new PackReader(List.of(pinned))
                .readSources(List.of(new Source("rules.yaml", policy), new Source("tools.yaml", TOOLS)));
        assertEquals(
                List.of(),
                pack.diagnostics().stream().filter(Diagnostic::isError).toList());
        return AutonomyReview.of(pack, List.of(pinned), surroundings);
    }

    private static AutonomyReview review(String rules) {
        return review(rules, Surroundings.UNKNOWN);
    }

    private static Autonomy autonomy(AutonomyReview review, String tool) {
        return review.tools().stream()
                .filter(each -> each.tool().name().toString().equals(tool))
                .map(ToolReview::autonomy)
                .findFirst()
                .orElseThrow();
    }

    private static List<String> gaps(AutonomyReview review) {
        return review.gaps().stream()
                .map(gap -> gap.kind().text() + " " + gap.about())
                .toList();
    }

    private static void autonomy(Autonomy expected, String rules) {
        assertEquals(expected, autonomy(review(rules), "files.send"), rules);
    }

    @Test
    void a_tool_runs_freely_at_times_after_people_or_never() {
        String allow = "- {id: a, match: {tools: [files.send]}, effect: allow}\n";
        String some = "- {id: b, match: {tools: [files.send]}, when: args.x == 1, effect: allow}\n";
        String ask = "- {id: c, match: {tools: [files.send]}, effect: require_approval}\n";
        String askSome = "- {id: d, match: {tools: [files.send]}, when: args.x == 2, effect: require_approval}\n";
        String deny = "- {id: e, match: {tools: [files.send]}, effect: deny}\n";
        String denySome = "- {id: f, match: {tools: [files.send], roles: [guest]}, effect: deny}\n";
        autonomy(Autonomy.FREE, allow);
        autonomy(Autonomy.FREE, allow + some);
        autonomy(Autonomy.DEPENDS, some);
        autonomy(Autonomy.DEPENDS, allow + askSome);
        autonomy(Autonomy.DEPENDS, allow + denySome);
        autonomy(Autonomy.ASKED, ask);
        autonomy(Autonomy.ASKED, askSome);
        autonomy(Autonomy.ASKED, allow + ask);
        autonomy(Autonomy.NEVER, allow + ask + deny);
        autonomy(Autonomy.NEVER, denySome);
        autonomy(Autonomy.NEVER, "- {id: g, match: {tools: [files.read_file]}, effect: allow}\n");
    }

    @Test
    void a_rule_in_shadow_is_shown_last_and_has_no_say() {
        var review = review("""
                - {id: a, match: {tools: [files.send]}, effect: deny, enforcement: shadow}
                - {id: b, match: {tools: [files.send]}, effect: allow}
                - {id: c, match: {tools: ["*.*"]}, when: args.x == 1, effect: deny}
                """);

        assertEquals(
                List.of("c", "b", "a"),
                review.tools().get(1).rules().stream()
                        .map(rule -> rule.id().value())
                        .toList());
        assertEquals(Autonomy.DEPENDS, autonomy(review, "files.send"));
    }

    @Test
    void what_runs_unasked_and_stays_done_is_a_gap() {
        assertEquals(
                List.of("unasked-irreversible files.send"),
                gaps(review("- {id: a, match: {tools: [\"files.*\"]}, effect: allow}")));
        for (String covered : List.of(
                "- {id: a, match: {tools: [files.send]}, effect: require_approval}",
                "- {id: a, match: {tools: [files.send]}, effect: allow, delay: 2m}",
                "- {id: a, match: {tools: [files.read_file, files.write_file]}, effect: allow, undo: required}",
                """
                - {id: a, match: {tools: [files.send]}, effect: allow}
                - {id: b, match: {tools: [files.send]}, when: session.irreversible >= 3, effect: require_approval}
                """))
            assertEquals(
                    List.of(),
                    gaps(review(covered)).stream()
                            .filter(gap -> gap.startsWith("unasked"))
                            .toList(),
                    covered);
    }

    @Test
    void a_rule_that_wants_an_undo_that_is_never_there_is_a_gap() {
        assertEquals(
                List.of("undo-never files.send"),
                gaps(review(
                        "- {id: a, match: {tools: [files.send, files.write_file]}, effect: allow, undo: required}")));
    }

    @Test
    void an_undo_that_no_rule_permits_is_a_gap() {
        String hook = """
                apiVersion: guardrail/v1
                kind: Tools
                server: disk
                tools:
                  put: {effect: write, undo: {by: keeper, target: {path: "${args.path}"}}}
                """;
        String allow = "apiVersion: guardrail/v1\nkind: Policy\nmetadata: {name: q}\nrules:\n"
                + "  - {id: put, match: {tools: [disk.put]}, effect: allow}\n";
        var without = new PackReader().readSources(List.of(new Source("a.yaml", hook + "---\n" + allow)));
        var with = new PackReader()
                .readSources(List.of(new Source(
                        "a.yaml",
                        hook + "---\n" + allow
                                + "  - {id: back, match: {tools: [\"keeper.undo:restore\"]}, effect: allow}\n")));

        assertEquals(
                List.of("undo-denied disk.put"), gaps(AutonomyReview.of(without, List.of(), Surroundings.UNKNOWN)));
        assertEquals(List.of(), gaps(AutonomyReview.of(with, List.of(), Surroundings.UNKNOWN)));
    }

    @Test
    void a_tool_that_nobody_describes_is_a_gap() {
        var name = new ToolName("files", "chmod");
        var served = JsonObject.with("name", "chmod").build();
        var tool = new ToolDefinition(
                name,
                served,
                Optional.empty(),
                ToolEffect.EXTERNAL,
                Set.of(),
                Set.of(),
                false,
                false,
                ToolDefinition.digest(name, served));

        var review = review(
                "- {id: a, match: {tools: [files.read_file, files.chmod]}, effect: require_approval}",
                Surroundings.UNKNOWN,
                tool);

        assertEquals(List.of("effect-unknown files.chmod"), gaps(review));
    }

    @Test
    void a_rule_about_no_tool_is_a_gap_and_one_about_whatever_comes_is_not() {
        assertEquals(List.of("rule-without-tool gone", "rule-without-tool label"), gaps(review("""
                        - {id: gone, match: {tools: [files.delete_file, files.rm_*]}, effect: deny}
                        - {id: label, match: {labels: [money]}, effect: deny}
                        - {id: all, match: {tools: ["*.delete_*"]}, effect: deny}
                        - {id: written, match: {labels: [fs-write]}, effect: deny}
                        - {id: back, match: {tools: ["files.undo:restore"]}, effect: allow}
                        """)));
    }

    @Test
    void a_server_of_which_nothing_is_known_is_a_gap_and_its_rules_are_none() {
        var configured = new Surroundings(
                Optional.of(
                        Map.of("files", ServerKind.GUARDED, "crm", ServerKind.GUARDED, "rows", ServerKind.RESTORING)),
                quorum -> true);

        assertEquals(
                List.of("server-unknown crm"),
                gaps(review("- {id: a, match: {tools: [crm.pay]}, effect: deny}", configured)));
    }

    @Test
    void a_described_server_that_is_not_configured_is_left_out_and_said() {
        var configured = new Surroundings(Optional.of(Map.of()), quorum -> true);

        var review = review("- {id: a, match: {tools: [\"*.*\"]}, effect: allow}", configured);

        assertEquals(List.of(), review.tools());
        assertEquals(List.of("`files` is described, and not configured: its tools are left out"), review.notes());
    }

    @Test
    void what_its_caller_runs_cannot_be_undone() {
        var configured = new Surroundings(Optional.of(Map.of("files", ServerKind.CALLER_RUN)), quorum -> true);
        String rule = "- {id: a, match: {tools: [files.write_file]}, effect: allow}";

        assertEquals(List.of("unasked-irreversible files.write_file"), gaps(review(rule, configured)));
        assertEquals(List.of(), gaps(review(rule)));
    }

    @Test
    void a_quorum_that_nobody_can_meet_is_a_gap() {
        String rule = "- {id: a, match: {tools: [files.send]}, effect: require_approval,"
                + " approval: {approvers: [\"group:payments\"]}}";
        var nobody = new Surroundings(Optional.empty(), quorum -> false);

        assertEquals(List.of("nobody-approves a"), gaps(review(rule, nobody)));
        assertEquals(List.of(), gaps(review(rule)));
    }

    @Test
    void each_layer_must_permit() {
        String allow = "apiVersion: guardrail/v1\nkind: Policy\nmetadata: {name: a}\nrules:\n"
                + "  - {id: a, match: {tools: [files.read_file]}, effect: allow}\n";
        String other = "apiVersion: guardrail/v1\nkind: Policy\nmetadata: {name: b, layer: second}\n%srules:\n"
                + "  - {id: b, match: {tools: [files.send]}, effect: allow}\n";
        for (boolean abstains : List.of(true, false)) {
            var pack = new PackReader()
                    .readSources(List.of(
                            new Source("tools.yaml", TOOLS),
                            new Source("a.yaml", allow),
                            new Source("b.yaml", other.formatted(abstains ? "default: abstain\n" : ""))));
            assertEquals(
                    List.of(),
                    pack.diagnostics().stream().filter(Diagnostic::isError).toList());

            assertEquals(
                    abstains ? Autonomy.FREE : Autonomy.NEVER,
                    autonomy(AutonomyReview.of(pack, List.of(), Surroundings.UNKNOWN), "files.read_file"));
        }
    }
}
