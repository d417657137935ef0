package dev.guardrail.pack;

import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.call.ToolDefinition;
import dev.guardrail.policy.Quorum;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

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
            "remember");
    private static final List<String> LATER = List.of("escalate", "notify");

    /// Longest that a call may wait for people, and that an approval may wait for its call.
    private static final Duration LONGEST = Duration.ofDays(30);

    private final Findings findings;
    private final CelReader cel;

    QuorumReader(Findings findings, CelReader cel) {
        this.findings = findings;
        this.cel = cel;
    }

    /// @return the default where the rule says nothing; empty where what it says cannot be relied on
    Optional<Quorum> read(Fields rule, List<ToolDefinition> matched) {
        Optional<Yaml> yaml = rule.value("approval");
        if (yaml.isEmpty()) return Optional.of(Quorum.DEFAULT);
        return Fields.of(yaml.get(), "an `approval`", KEYS, LATER, findings).flatMap(fields -> quorum(fields, matched));
    }

    private Optional<Quorum> quorum(Fields fields, List<ToolDefinition> matched) {
        Quorum byDefault = Quorum.DEFAULT;
        List<String> approvers = fields.has("approvers") ? approvers(fields) : byDefault.approvers();
        int required = fields.integer("required", 1, 100).orElse(byDefault.required());
        boolean distinctGroups = fields.bool("distinctGroups").orElse(byDefault.distinctGroups());
        refuseRemembering(fields);
        Optional<String> confirm = fields.value("confirm")
                .flatMap(value -> cel.value(value, matched).map(compiled -> ((Yaml.Scalar) value).value()));
        boolean excludeRequester = fields.bool("excludeRequester").orElse(byDefault.excludeRequester());
        Duration expiresAfter = fields.duration("expiresAfter", LONGEST).orElse(byDefault.expiresAfter());
        Duration validFor = fields.duration("validFor", LONGEST).orElse(byDefault.validFor());
        if (approvers.isEmpty() || distinctGroups && !canAgree(approvers, required, fields)) return Optional.empty();
        return Optional.of(new Quorum(
                approvers,
                required,
                distinctGroups,
                excludeRequester,
                expiresAfter,
                validFor,
                confirm,
                Optional.empty()));
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

    private List<String> approvers(Fields fields) {
        var approvers = new ArrayList<String>();
        for (Yaml.Scalar approver : fields.scalars("approvers")) {
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

    /// `remember: never` is what this version does anyway.
    private void refuseRemembering(Fields fields) {
        Optional<Yaml> value = fields.value("remember");
        if (value.isEmpty()) return;
        if (!(value.get() instanceof Yaml.Scalar scalar) || !scalar.value().equals("never"))
            findings.error(fields.key("remember"), "not-built", Fields.notBuilt("remember") + " beyond `never`");
    }

    static JsonObject source(Quorum quorum) {
        return JsonObject.with(
                        "approvers",
                        JsonArray.ofTexts(quorum.approvers().stream().sorted().toList()))
                .with("required", quorum.required())
                .with("distinctGroups", quorum.distinctGroups())
                .with("excludeRequester", quorum.excludeRequester())
                .with("expiresAfter", Durations.text(quorum.expiresAfter()))
                .with("validFor", Durations.text(quorum.validFor()))
                .with("confirm", quorum.confirm())
                .build();
    }
}
