package dev.guardrail.pack;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.call.ToolDefinition;
import dev.guardrail.policy.Quorum;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Reads the `approval` of a `require_approval`.
final class QuorumReader {
    private static final List<String> KEYS = List.of(
            "approvers",
            "required",
            "distinctGroups",
            "excludeRequester",
            "expiresAfter",
            "validFor",
            "confirm",
            "remember",
            "escalate",
            "notify");

    /// Longest that a call may wait for people, and that an approval may wait for its call.
    private static final Duration LONGEST = Duration.ofDays(30);

    private final Findings findings;
    private final CelReader cel;
    private final Optional<Set<String>> channels;

    /// @param channels that are configured; empty where that is not known
    QuorumReader(Findings findings, CelReader cel, Optional<Set<String>> channels) {
        this.findings = findings;
        this.cel = cel;
        this.channels = channels;
    }

    /// @return the default where the rule says nothing; empty where what it says cannot be relied on
    Optional<Quorum> read(Fields rule, List<ToolDefinition> matched) {
        Optional<Yaml> yaml = rule.value("approval");
        if (yaml.isEmpty()) return Optional.of(Quorum.DEFAULT);
        return Fields.of(yaml.get(), "an `approval`", KEYS, findings).flatMap(fields -> quorum(fields, matched));
    }

    private Optional<Quorum> quorum(Fields fields, List<ToolDefinition> matched) {
        Quorum byDefault = Quorum.DEFAULT;
        List<String> approvers = fields.has("approvers") ? approvers(fields, "approvers") : byDefault.approvers();
        int required = fields.integer("required", 1, 100).orElse(byDefault.required());
        boolean distinctGroups = fields.bool("distinctGroups").orElse(byDefault.distinctGroups());
        Optional<Duration> remember = remember(fields);
        Optional<String> confirm = fields.value("confirm")
                .flatMap(value -> cel.value(value, matched).map(compiled -> ((Yaml.Scalar) value).value()));
        boolean excludeRequester = fields.bool("excludeRequester").orElse(byDefault.excludeRequester());
        Duration expiresAfter = fields.duration("expiresAfter", LONGEST).orElse(byDefault.expiresAfter());
        Duration validFor = fields.duration("validFor", LONGEST).orElse(byDefault.validFor());
        List<Quorum.Escalation> escalate = escalate(fields, expiresAfter);
        if (approvers.isEmpty() || distinctGroups && !canAgree(approvers, required, fields)) return Optional.empty();
        return Optional.of(new Quorum(
                approvers,
                required,
                distinctGroups,
                excludeRequester,
                expiresAfter,
                validFor,
                confirm,
                remember,
                escalate,
                channels(fields)));
    }

    /// A misspelled channel would tell nobody, and an approval that nobody hears of expires.
    private List<String> channels(Fields fields) {
        var named = new ArrayList<String>();
        for (Yaml.Scalar channel : fields.scalars("notify")) {
            String name = channel.value();
            if (channels.isPresent() && !channels.get().contains(name))
                findings.error(channel.place(), "unknown-channel", unknown(name));
            else if (!named.contains(name)) named.add(name);
        }
        return named;
    }

    private String unknown(String name) {
        var known = channels.orElse(Set.of()).stream().sorted().toList();
        return "there is no channel `" + name + "` in `approvals.notify` of the configuration; "
                + (known.isEmpty() ? "it has none" : "it has `" + String.join("`, `", known) + "`");
    }

    /// Circles of people in order of time, each called in before the voting is over.
    private List<Quorum.Escalation> escalate(Fields fields, Duration expiresAfter) {
        var circles = new ArrayList<Quorum.Escalation>();
        for (Yaml item : fields.list("escalate")) {
            Optional<Fields> step = Fields.of(item, "a step of `escalate`", List.of("after", "to"), findings);
            if (step.isEmpty()) continue;
            step.get().required("after");
            step.get().required("to");
            Optional<Duration> after = step.get().duration("after", LONGEST);
            List<String> to = approvers(step.get(), "to");
            if (after.isEmpty() || to.isEmpty()) continue;
            if (after.get().compareTo(expiresAfter) >= 0)
                findings.error(
                        step.get().key("after"),
                        "unreachable-escalation",
                        "nobody is called in after `" + Durations.text(after.get()) + "`: the voting ends after `"
                                + Durations.text(expiresAfter) + "`");
            circles.add(new Quorum.Escalation(after.get(), to));
        }
        circles.sort(java.util.Comparator.comparing(Quorum.Escalation::after));
        return circles;
    }

    /// False where more groups must agree than are named.
    private boolean canAgree(List<String> approvers, int required, Fields fields) {
        long groups =
                approvers.stream().filter(name -> name.startsWith("group:")).count();
        if (groups < required)
            findings.error(
                    fields.key("distinctGroups"),
                    "unreachable-quorum",
                    "one person from each of " + required + " groups cannot agree where " + groups + " are named");
        return groups >= required;
    }

    private List<String> approvers(Fields fields, String key) {
        var approvers = new ArrayList<String>();
        for (Yaml.Scalar approver : fields.scalars(key)) {
            String name = approver.value();
            int colon = name.indexOf(':');
            boolean prefixed = name.startsWith("role:") || name.startsWith("group:");
            if (colon >= 0 && (!prefixed || colon == name.length() - 1))
                findings.error(
                        approver.place(),
                        "unknown-value",
                        "`" + name
                                + "` is nobody; an approver is `role:…`, `group:…`, an operator's name or `session.user`");
            else approvers.add(name);
        }
        return approvers;
    }

    /// `never`, as where it is left out, or the longest that an approval may reach beyond its one call.
    private Optional<Duration> remember(Fields fields) {
        Optional<Yaml> value = fields.value("remember");
        if (value.isEmpty()) return Optional.empty();
        if (value.get() instanceof Yaml.Scalar scalar) {
            if (!scalar.value().equals("never"))
                findings.error(
                        scalar.place(),
                        "unknown-value",
                        "`remember` is `never`, or the longest time, as in `{max: 24h}`; not `" + scalar.value() + "`");
            return Optional.empty();
        }
        return Fields.of(value.get(), "`remember`", List.of("max"), findings).flatMap(span -> {
            span.required("max");
            return span.duration("max", LONGEST);
        });
    }

    /// What a rule's digest is taken over.
    static JsonObject source(Quorum quorum) {
        var source = JsonObject.with("approvers", sorted(quorum.approvers()))
                .with("required", quorum.required())
                .with("distinctGroups", quorum.distinctGroups())
                .with("excludeRequester", quorum.excludeRequester())
                .with("expiresAfter", Durations.text(quorum.expiresAfter()))
                .with("validFor", Durations.text(quorum.validFor()))
                .with("confirm", quorum.confirm());
        if (!quorum.escalate().isEmpty())
            source.with(
                    "escalate",
                    new JsonArray(quorum.escalate().stream()
                            .<Json>map(circle -> JsonObject.with("after", Durations.text(circle.after()))
                                    .with("to", sorted(circle.to()))
                                    .build())
                            .toList()));
        if (!quorum.channels().isEmpty()) source.with("notify", sorted(quorum.channels()));
        quorum.remember()
                .ifPresent(longest -> source.with(
                        "remember",
                        JsonObject.with("max", Durations.text(longest)).build()));
        return source.build();
    }

    private static JsonArray sorted(List<String> forms) {
        return JsonArray.ofTexts(forms.stream().sorted().toList());
    }
}
