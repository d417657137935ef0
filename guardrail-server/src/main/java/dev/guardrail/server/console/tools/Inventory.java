package dev.guardrail.server.console.tools;

import dev.guardrail.base.Json;
import dev.guardrail.base.Sha256;
import dev.guardrail.call.ToolDefinition;
import dev.guardrail.pipeline.Difference;
import dev.guardrail.pipeline.Pins;
import dev.guardrail.pipeline.Standing;
import dev.guardrail.policy.Quorum;
import dev.guardrail.policy.Rule;
import dev.guardrail.server.console.Badge;
import dev.guardrail.server.console.Bit;
import dev.guardrail.server.console.Icon;
import dev.guardrail.server.console.KeyRing;
import dev.guardrail.server.console.ServerNames;
import dev.guardrail.server.console.Visit;
import dev.guardrail.server.door.AgentNames;
import dev.guardrail.server.door.Policies;
import dev.guardrail.server.sheet.Legible;
import io.micronaut.context.annotation.Requires;
import jakarta.inject.Singleton;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// What can be called, by whom, and under which rule. All of what servers say of their tools is shown.
@Singleton
@Requires(beans = KeyRing.class)
final class Inventory {
    private final Pins pins;
    private final Policies policies;
    private final ServerNames servers;
    private final AgentNames agents;

    Inventory(Pins pins, Policies policies, ServerNames servers, AgentNames agents) {
        this.pins = pins;
        this.policies = policies;
        this.servers = servers;
        this.agents = agents;
    }

    ToolsPage page(Visit visit) {
        List<ToolsPage.Group> groups = servers.all().stream()
                .map(server -> new ToolsPage.Group(Legible.line(server), tools(server)))
                .toList();
        List<ToolsPage.Pending> waiting = servers.all().stream()
                .flatMap(server -> pins.states(server).stream())
                .flatMap(standing -> pending(standing).stream())
                .toList();
        List<ToolsPage.AgentLine> known = new TreeSet<>(agents.all())
                .stream()
                        .map(agent -> new ToolsPage.AgentLine(
                                Bit.of(Legible.line(agent)), "/console/audit?q=agent%3A" + encoded(agent)))
                        .toList();
        return new ToolsPage(groups, waiting, known, visit.is("admin"), visit.seesSources());
    }

    private List<ToolsPage.Tool> tools(String server) {
        return pins.states(server).stream()
                .sorted(Comparator.comparing(standing -> standing.tool().name()))
                .map(this::tool)
                .toList();
    }

    private ToolsPage.Tool tool(Standing standing) {
        Optional<ToolDefinition> tool = pins.find(standing.tool());
        List<Rule> rules = tool.map(this::rules).orElse(List.of());
        return new ToolsPage.Tool(
                Bit.of(Legible.line(standing.tool().name())),
                badge(standing.state()),
                tool.map(known -> known.effect().text()).orElse(""),
                tool.map(Inventory::marks).orElse(List.of()),
                rules.stream()
                        .map(rule -> new ToolsPage.RuleWord(
                                rule.id().value(), Badge.ofEffect(rule.effect().text())))
                        .toList(),
                people(rules),
                standing.digest().map(Sha256::toString).orElse(""),
                standing.definition().map(Inventory::shown).orElse(List.of()));
    }

    private List<Rule> rules(ToolDefinition tool) {
        return policies.inForce().policies().layers().stream()
                .flatMap(layer -> layer.rules().stream())
                .filter(rule -> !rule.shadow() && rule.match().matches(tool))
                .toList();
    }

    private static List<String> marks(ToolDefinition tool) {
        return Stream.concat(
                        new TreeSet<>(tool.labels()).stream(),
                        new TreeSet<>(tool.taints()).stream().map(taint -> "taints: " + taint))
                .map(Legible::line)
                .toList();
    }

    private static String people(List<Rule> rules) {
        return rules.stream()
                .flatMap(rule -> rule.quorum().stream())
                .map(Quorum::approvers)
                .flatMap(List::stream)
                .distinct()
                .map(Legible::line)
                .collect(Collectors.joining(", "));
    }

    private static Badge badge(Standing.State state) {
        return switch (state) {
            case PINNED -> new Badge("allow", Icon.YES, "Pinned");
            case QUARANTINED -> new Badge("deny", Icon.WARNING, "Quarantined");
            case GONE -> new Badge("", Icon.MINUS, "Gone");
        };
    }

    private static Optional<ToolsPage.Pending> pending(Standing standing) {
        if (standing.state() != Standing.State.QUARANTINED || standing.offered().isEmpty()) return Optional.empty();
        return Optional.of(new ToolsPage.Pending(
                Bit.of(Legible.line(standing.tool().toString())),
                encoded(standing.tool().toString()),
                standing.offered().get().toString(),
                standing.definition().isEmpty(),
                standing.findings().stream()
                        .map(finding -> Bit.of(Legible.line(finding)))
                        .toList(),
                standing.differences().stream().map(Inventory::change).toList(),
                standing.change().map(Inventory::shown).orElse(List.of())));
    }

    private static ToolsPage.Change change(Difference difference) {
        return new ToolsPage.Change(
                Bit.of(Legible.line(difference.at())),
                difference.before().map(Inventory::shown).orElse(List.of()),
                difference.after().map(Inventory::shown).orElse(List.of()));
    }

    private static List<Bit> shown(Json value) {
        return Bit.of(Legible.of(value.toString()).segments());
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
