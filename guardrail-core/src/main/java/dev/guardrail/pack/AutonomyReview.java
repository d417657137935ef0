package dev.guardrail.pack;

import dev.guardrail.call.Exactness;
import dev.guardrail.call.ToolDefinition;
import dev.guardrail.call.ToolName;
import dev.guardrail.call.UndoHook;
import dev.guardrail.policy.Effect;
import dev.guardrail.policy.Glob;
import dev.guardrail.policy.Layer;
import dev.guardrail.policy.Rule;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Every tool, which rules govern it, who is asked, whether it can be undone, and what nothing covers. It says what can
/// come of calls, by what policies and catalogues say; it decides none.
///
/// @param tools in order of name
/// @param gaps in order
/// @param notes what was left out, and why
public record AutonomyReview(List<ToolReview> tools, List<Gap> gaps, List<String> notes) {
    private static final List<Effect> STRICTEST_FIRST =
            List.of(Effect.DENY, Effect.CLARIFY, Effect.REQUIRE_APPROVAL, Effect.MODIFY, Effect.ALLOW);

    public AutonomyReview {
        tools = List.copyOf(tools);
        gaps = List.copyOf(gaps);
        notes = List.copyOf(notes);
    }

    /// @param pack which is sound
    /// @param pinned definitions as servers give them
    public static AutonomyReview of(PolicyPack pack, Collection<ToolDefinition> pinned, Surroundings surroundings) {
        return new Reviewing(pack, new KnownTools(pinned, pack.catalogue()), surroundings).review();
    }

    /// The same, with more that is to be known.
    public AutonomyReview noting(List<String> more) {
        return new AutonomyReview(
                tools, gaps, Stream.concat(notes.stream(), more.stream()).toList());
    }

    /// A review in the making.
    private record Reviewing(PolicyPack pack, KnownTools known, Surroundings surroundings) {

        AutonomyReview review() {
            List<ToolDefinition> all = known.all().stream()
                    .filter(tool -> !tool.name().isUndo() && !tool.name().equals(ToolName.PLAN))
                    .toList();
            List<ToolReview> tools = all.stream()
                    .filter(tool -> surroundings.has(tool.name().server()))
                    .map(this::tool)
                    .toList();
            var gaps = new ArrayList<Gap>();
            tools.forEach(tool -> gaps(tool, gaps));
            rules().forEach(rule -> gaps(rule, tools, gaps));
            unknown(tools).forEach(gaps::add);
            return new AutonomyReview(tools, gaps.stream().sorted().toList(), notes(all));
        }

        private Stream<Rule> rules() {
            return pack.policies().layers().stream()
                    .flatMap(layer -> layer.rules().stream())
                    .sorted(Comparator.comparing(Rule::id));
        }

        private ToolReview tool(ToolDefinition tool) {
            boolean callerRun =
                    tool.callerRun() && surroundings.isCallerRun(tool.name().server());
            Exactness undo = callerRun ? Exactness.NONE : tool.exactness();
            return new ToolReview(
                    tool,
                    pack.catalogue().entries().containsKey(tool.name().toString()),
                    autonomy(tool),
                    rules().filter(rule -> rule.match().matches(tool))
                            .sorted(Comparator.comparing(Rule::shadow)
                                    .thenComparing(rule -> STRICTEST_FIRST.indexOf(rule.effect())))
                            .toList(),
                    undo,
                    undo == Exactness.NONE ? List.of() : acts(tool),
                    why(tool, callerRun));
        }

        private Autonomy autonomy(ToolDefinition tool) {
            Map<String, List<Layer>> byName = pack.policies().layers().stream()
                    .collect(Collectors.groupingBy(Layer::name, TreeMap::new, Collectors.toList()));
            return Autonomy.of(byName.entrySet().stream()
                    .map(entry -> new Layer(
                            entry.getKey(),
                            entry.getValue().stream().allMatch(Layer::abstains),
                            entry.getValue().stream()
                                    .flatMap(layer -> layer.rules().stream())
                                    .filter(rule ->
                                            !rule.shadow() && rule.match().matches(tool))
                                    .toList()))
                    .toList());
        }

        private static List<ToolName> acts(ToolDefinition tool) {
            return tool.undo().stream()
                    .flatMap(hook -> Stream.of(hook.compensate(), hook.whenAbsent(), hook.correction()))
                    .flatMap(Optional::stream)
                    .map(UndoHook.Act::tool)
                    .distinct()
                    .sorted(Comparator.comparing(ToolName::toString))
                    .toList();
        }

        private static String why(ToolDefinition tool, boolean callerRun) {
            Optional<String> cannot = tool.undo().flatMap(UndoHook::cannot);
            if (cannot.isPresent()) return cannot.get();
            if (callerRun) return "its caller runs it";
            return tool.undo().isPresent() ? "" : "nobody says how";
        }

        private void gaps(ToolReview review, List<Gap> gaps) {
            String name = review.tool().name().toString();
            if (review.runsAway())
                gaps.add(new Gap(
                        Gap.Kind.UNASKED_IRREVERSIBLE,
                        name,
                        "may change something, runs with nobody asked (" + ids(review.inForce(Effect.ALLOW))
                                + "), and cannot be taken back: " + review.why()));
            if (!review.described() && review.autonomy() != Autonomy.NEVER)
                gaps.add(new Gap(
                        Gap.Kind.EFFECT_UNKNOWN,
                        name,
                        "nobody says what it does, so it counts as `external`; describe it in a document of"
                                + " `kind: Tools`"));
            List<Rule> asking = Stream.of(Effect.ALLOW, Effect.REQUIRE_APPROVAL)
                    .flatMap(effect -> review.inForce(effect).stream())
                    .filter(Rule::undoable)
                    .toList();
            if (!asking.isEmpty() && review.undo() != Exactness.EXACT)
                gaps.add(new Gap(
                        Gap.Kind.UNDO_NEVER,
                        name,
                        "is always denied where " + ids(asking) + " asks for an undo, which it never has: "
                                + review.why()));
            if (review.autonomy() != Autonomy.NEVER)
                for (ToolName act : review.undoneBy())
                    if (autonomy(known.of(act)) == Autonomy.NEVER)
                        gaps.add(new Gap(
                                Gap.Kind.UNDO_DENIED,
                                name,
                                "cannot be taken back, because no rule permits `" + act + "`, which does it"));
        }

        private void gaps(Rule rule, List<ToolReview> tools, List<Gap> gaps) {
            if (rule.quorum()
                    .filter(quorum -> !surroundings.attainable().test(quorum))
                    .isPresent())
                gaps.add(new Gap(
                        Gap.Kind.NOBODY_APPROVES,
                        rule.id().value(),
                        "holds calls that nobody can approve: of the operators, too few are "
                                + String.join(
                                        " or ", rule.quorum().orElseThrow().approvers()) + " ("
                                + rule.position() + ")"));
            boolean meets = tools.stream().anyMatch(tool -> rule.match().matches(tool.tool()));
            if (!meets && isAboutKnown(rule))
                gaps.add(new Gap(
                        Gap.Kind.RULE_WITHOUT_TOOL,
                        rule.id().value(),
                        "is about no tool that is known (" + rule.position() + ")"));
        }

        /// False where a rule is about whatever comes, about what is no tool of agents, or about a server of which
        /// nothing is known: that is a gap of its own.
        private boolean isAboutKnown(Rule rule) {
            return rule.match().tools().stream()
                    .noneMatch(glob -> glob.server().contains("*")
                            || glob.name().startsWith(Glob.MCP)
                            || isUndo(glob)
                            || surroundings.servers().isPresent()
                                    && surroundings.has(glob.server())
                                    && known.of(glob.server()).isEmpty());
        }

        private static boolean isUndo(Glob glob) {
            return Stream.of(ToolName.LOOK, ToolName.RESTORE).anyMatch(name -> Glob.matches(glob.name(), name));
        }

        private Stream<Gap> unknown(List<ToolReview> tools) {
            return surroundings.servers().orElse(Map.of()).entrySet().stream()
                    .filter(server -> server.getValue() != Surroundings.ServerKind.RESTORING)
                    .map(Map.Entry::getKey)
                    .filter(server -> tools.stream()
                            .noneMatch(tool -> tool.tool().name().server().equals(server)))
                    .map(server -> new Gap(
                            Gap.Kind.SERVER_UNKNOWN,
                            server,
                            "nothing is known of what it has; let the guard reach it once, or name what `tools pull`"
                                    + " wrote with --tools"));
        }

        private List<String> notes(List<ToolDefinition> all) {
            var strangers = new TreeSet<String>();
            for (ToolDefinition tool : all)
                if (!surroundings.has(tool.name().server()))
                    strangers.add(tool.name().server());
            return strangers.stream()
                    .map(server -> "`" + server + "` is described, and not configured: its tools are left out")
                    .toList();
        }

        private static String ids(List<Rule> rules) {
            return rules.stream().map(rule -> rule.id().value()).distinct().collect(Collectors.joining(", "));
        }
    }
}
