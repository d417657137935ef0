package dev.guardrail.pack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.policy.Rule;
import java.util.List;
import org.junit.jupiter.api.Test;

/// A pack is kept to its promises: broken ones are told, and rules that no case shows.
class PackTestSpec {
    private static final String POLICY = """
            apiVersion: guardrail/v1
            kind: Policy
            rules:
              - {id: allow-reads, match: {tools: [files.read]}, effect: allow}
              - {id: cap, match: {tools: [db.query]}, when: "args.limit > 10", effect: modify, set: {args.limit: "10"}}
              - {id: query, match: {tools: [db.query]}, when: args.limit <= 10, effect: allow}
              - id: tests-first
                match: {tools: [git.merge]}
                when: '!session.calls.exists(c, c.tool == "ci.run" && c.ok && c.args.sha == args.sha)'
                effect: deny
                message: Run the tests first.
              - {id: merge, match: {tools: [git.merge], roles: [developer]}, effect: allow}
              - {id: ci, match: {tools: [ci.run]}, effect: allow}
              - {id: no-leak, match: {labels: [out]}, when: '"web" in session.taints', effect: deny}
              - {id: mail, match: {tools: [mail.send]}, effect: require_approval}
              - {id: later, match: {tools: [files.read]}, when: args.path == "x", effect: deny, enforcement: shadow}
            ---
            apiVersion: guardrail/v1
            kind: Tools
            server: mail
            tools: {send: {labels: [out]}}
            ---
            apiVersion: guardrail/v1
            kind: Tools
            server: web
            taints: [web]
            tools: {get: {}}
            """;

    @Test
    void promises_that_are_kept_say_nothing() {
        var report = run("""
                - {name: reads, call: {tool: files.read}, expect: {effect: allow, rules: [allow-reads]}}
                - name: shadow
                  call: {tool: files.read, args: {path: x}}
                  expect: {effect: allow}
                - {name: capped, call: {tool: db.query, args: {limit: 50}},
                   expect: {effect: modify, rules: [cap, query], arguments: {limit: 10}}}
                - name: sequence
                  roles: [developer]
                  steps:
                    - {call: {tool: git.merge, args: {sha: a}}, expect: {effect: deny, message: Run the tests first., final: false}}
                    - {call: {tool: ci.run, args: {sha: a}}, ok: false, expect: {effect: allow}}
                    - {call: {tool: git.merge, args: {sha: a}}, expect: {effect: deny, cause: policy}}
                    - {call: {tool: ci.run, args: {sha: a}}, expect: {effect: allow, rule: ci}}
                    - {call: {tool: git.merge, args: {sha: a}}, expect: {effect: allow, rule: merge}}
                - name: taint of what was called before
                  session: {calls: [{tool: web.get, ok: true, result: "evil"}]}
                  approved: [mail]
                  call: {tool: mail.send}
                  expect: {effect: deny, rule: no-leak, final: true}
                - name: mail
                  call: {tool: mail.send}
                  cases:
                    - {expect: {effect: require_approval}}
                    - {approved: [mail], expect: {effect: allow, rules: [mail]}}
                """);
        report.results()
                .forEach(result -> assertEquals(
                        List.of(), result.failures(), result.promise().name()));
        assertTrue(report.kept());
        assertEquals(List.of(), report.silent());
        assertEquals(List.of(), report.unopposed());
        assertTrue(report.covers());
        assertEquals(
                List.of("mail [1]", "mail [2]"),
                report.results().stream()
                        .map(result -> result.promise().name())
                        .filter(name -> name.startsWith("mail"))
                        .toList());
    }

    @Test
    void a_broken_promise_says_what_came_instead() {
        var report = run("""
                - name: wrong
                  call: {tool: files.read, args: {n: 1}}
                  expect: {effect: deny, rule: other, rules: [], arguments: {}, message: No., cause: policy, final: true}
                - {name: nobody, approved: [ghost, ci], call: {tool: ci.run}, expect: {effect: allow}}
                """);
        assertFalse(report.kept());
        assertEquals(
                List.of(
                        "effect: expected `deny`, found `allow by [allow-reads]`",
                        "rule: expected `other` among [allow-reads]",
                        "rules: expected `[]`, found `[allow-reads]`",
                        "arguments: expected `{}`, found `{\"n\":1}`",
                        "message: expected `No.`, found ``",
                        "cause: expected `policy`, found ``",
                        "final: expected `true`, found `false`"),
                report.results().getFirst().failures());
        assertEquals(2, report.results().get(1).failures().size(), report.results()::toString);
    }

    @Test
    void rules_that_no_case_shows_are_told() {
        var report = run("- {name: reads, call: {tool: files.read}, expect: {effect: allow}}\n");
        assertTrue(report.kept());
        assertFalse(report.covers());
        assertEquals(8, report.silent().size());
        assertEquals(
                List.of("allow-reads"),
                report.unopposed().stream().map(Rule::toString).toList());
    }

    @Test
    void a_refused_amendment_is_a_denial() {
        var report = run(
                "- {name: fails, call: {tool: db.query, args: {limit: x}}, expect: {effect: deny, cause: guard_error, rules: [cap]}}\n");
        assertEquals(List.of(), report.results().getFirst().failures());
    }

    private static PackTest.Report run(String tests) {
        String text = POLICY + "---\napiVersion: guardrail/v1\nkind: PolicyTest\ntests:\n" + tests.indent(2);
        var pack = new PackReader().readSources(List.of(new Source("pack.yaml", text)));
        assertTrue(pack.isSound(), () -> pack.diagnostics().toString());
        return new PackTest(pack, List.of()).run();
    }
}
