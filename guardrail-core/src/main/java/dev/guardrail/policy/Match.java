package dev.guardrail.policy;

import dev.guardrail.call.DecisionRequest;
import dev.guardrail.call.Subject;
import dev.guardrail.call.ToolDefinition;
import java.util.Collections;
import java.util.List;
import java.util.Set;

/// Where a rule looks: keys AND, values OR; an absent (empty) key says nothing.
///
/// @param tools patterns over `server.name`
/// @param labels the tool carries one of them
/// @param agents names of agents
/// @param roles the agent has one of them
/// @param users names of users; a call without a user matches none
public record Match(List<Glob> tools, Set<String> labels, Set<String> agents, Set<String> roles, Set<String> users) {
    public Match {
        tools = List.copyOf(tools);
        labels = Set.copyOf(labels);
        agents = Set.copyOf(agents);
        roles = Set.copyOf(roles);
        users = Set.copyOf(users);
    }

    /// Every tool, for everyone.
    public static final Match EVERYTHING =
            new Match(List.of(new Glob("*", "*")), Set.of(), Set.of(), Set.of(), Set.of());

    public boolean matches(DecisionRequest request) {
        return matches(request.resource().tool()) && matches(request.subject());
    }

    /// The part that only the tool decides; rules are indexed by it.
    public boolean matches(ToolDefinition tool) {
        if (tools.isEmpty() && tool.name().name().startsWith(Glob.MCP)) return false;
        return (tools.isEmpty() || tools.stream().anyMatch(glob -> glob.matches(tool.name())))
                && (labels.isEmpty() || !Collections.disjoint(labels, tool.labels()));
    }

    /// The part that only the subject decides.
    boolean matches(Subject subject) {
        return (agents.isEmpty() || agents.contains(subject.agent()))
                && (roles.isEmpty() || intersects(roles, subject.roles()))
                && (users.isEmpty()
                        || subject.user().isPresent()
                                && users.contains(subject.user().get()));
    }

    private static boolean intersects(Set<String> some, Set<String> others) {
        for (String one : others) if (some.contains(one)) return true;
        return false;
    }
}
