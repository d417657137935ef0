package dev.guardrail.bench;

import dev.guardrail.base.JsonNumber;
import dev.guardrail.base.JsonObject;
import dev.guardrail.call.Action;
import dev.guardrail.call.CallId;
import dev.guardrail.call.Context;
import dev.guardrail.call.DecisionRequest;
import dev.guardrail.call.PathFacts;
import dev.guardrail.call.Purpose;
import dev.guardrail.call.Resource;
import dev.guardrail.call.Risk;
import dev.guardrail.call.SessionId;
import dev.guardrail.call.Subject;
import dev.guardrail.call.ToolDefinition;
import dev.guardrail.call.ToolEffect;
import dev.guardrail.call.ToolName;
import dev.guardrail.condition.Facts;
import dev.guardrail.pack.PackReader;
import dev.guardrail.pack.PolicyPack;
import dev.guardrail.pack.Source;
import dev.guardrail.session.SessionView;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Workload W1: ten rules a tool, five roles, a fifth of the rules forbid, default deny; a thousand requests with eight
/// arguments each, from one linear congruential generator. Rules travel as YAML through the reader, as an operator's
/// do.
final class WorkloadOne {
    private static final int REQUESTS = 1_000;
    private static final List<String> ENVIRONMENTS = List.of("prod", "staging", "prod", "dev");
    private static final SessionView SESSION = SessionView.fresh(new SessionId("ses_bench"));

    private final int size;
    private final int tools;
    private final List<Line> lines = new ArrayList<>();
    private final List<Facts> requests = new ArrayList<>();
    private final List<Boolean> expected = new ArrayList<>();
    private int seed = 42;

    /// One rule.
    private record Line(String tool, String role, String environment, int min, int max, boolean denies) {
        boolean applies(String called, String as, String environment, int amount, boolean dryRun) {
            return tool.equals(called)
                    && role.equals(as)
                    && this.environment.equals(environment)
                    && amount >= min
                    && amount <= max
                    && !dryRun;
        }
    }

    WorkloadOne(int size) {
        this.size = size;
        this.tools = Math.max(1, size / 10);
        for (int i = 0; i < size; i++) {
            int k = i / tools;
            boolean denies = k % 5 == 4;
            lines.add(new Line(
                    "tool_" + i % tools,
                    "role_" + (denies ? k % 2 : k % 5),
                    k < 5 ? "prod" : "staging",
                    denies ? 150 : 0,
                    denies ? 99_999 : 100 * (k + 1),
                    denies));
        }
        var definitions = new ArrayList<ToolDefinition>();
        for (int i = 0; i < tools; i++) definitions.add(definition("tool_" + i));
        for (int i = 0; i < REQUESTS; i++) request(definitions);
    }

    private int next(int bound) {
        seed = seed * 1_664_525 + 1_013_904_223;
        return (int) (Integer.toUnsignedLong(seed) * bound / 4_294_967_296L);
    }

    private void request(List<ToolDefinition> definitions) {
        String agent = "agent_" + next(100);
        String role = "role_" + next(5);
        ToolDefinition tool = definitions.get(next(tools));
        String environment = ENVIRONMENTS.get(next(4));
        int amount = next(400);
        boolean dryRun = next(10) == 0;
        var arguments = JsonObject.with("env", environment)
                .with("amount", amount)
                .with("dry_run", dryRun)
                .with("path", "/data/p" + next(1_000) + "/x.csv")
                .with("recipient", "u" + next(500) + "@example.com")
                .with("url", "https://api.example.com/v1/" + next(50))
                .with("note", "monthly export of the ledger")
                .with("count", JsonNumber.of(next(20)))
                .build();
        var request = new DecisionRequest(
                new CallId("call_bench"),
                new Subject(agent, Set.of(role), Optional.empty()),
                new Action(tool.name(), arguments),
                new Resource(tool, PathFacts.NONE),
                new Context(Instant.EPOCH, "", Risk.LOW, Purpose.ACT));
        requests.add(new Facts(request, SESSION));
        boolean allowed = false;
        boolean denied = false;
        for (Line line : lines) {
            if (!line.applies(tool.name().name(), role, environment, amount, dryRun)) continue;
            if (line.denies()) denied = true;
            else allowed = true;
        }
        expected.add(allowed && !denied);
    }

    private static ToolDefinition definition(String name) {
        var tool = new ToolName("bench", name);
        var definition = JsonObject.with("name", name).build();
        return new ToolDefinition(
                tool,
                definition,
                Optional.empty(),
                ToolEffect.EXTERNAL,
                Set.of(),
                Set.of(),
                false,
                false,
                ToolDefinition.digest(tool, definition));
    }

    String yaml() {
        var text = new StringBuilder("apiVersion: guardrail/v1\nkind: Policy\nrules:\n");
        for (int i = 0; i < size; i++) {
            Line line = lines.get(i);
            text.append("  - id: r").append(i).append('\n');
            text.append("    match: {tools: [bench.").append(line.tool());
            text.append("], roles: [").append(line.role()).append("]}\n");
            text.append("    when: args.env == \"").append(line.environment());
            text.append("\" && args.amount >= ").append(line.min());
            text.append(" && args.amount <= ").append(line.max()).append(" && args.dry_run == false\n");
            text.append("    effect: ").append(line.denies() ? "deny" : "allow").append('\n');
        }
        return text.toString();
    }

    PolicyPack pack() {
        var pack = new PackReader().readSources(List.of(new Source("w1.yaml", yaml())));
        if (!pack.isSound()) throw new IllegalStateException(pack.diagnostics().toString());
        return pack;
    }

    List<Facts> requests() {
        return requests;
    }

    /// What a plain walk over all rules says of each request: true where it may run.
    List<Boolean> expected() {
        return expected;
    }
}
