package dev.guardrail.server.wiring;

import dev.guardrail.approval.CanaryPlan;
import dev.guardrail.approval.Decoy;
import dev.guardrail.base.JsonObject;
import dev.guardrail.call.Risk;
import dev.guardrail.call.ToolName;
import dev.guardrail.pack.Fields;
import dev.guardrail.pack.Findings;
import dev.guardrail.pack.Source;
import dev.guardrail.pack.Yaml;
import dev.guardrail.pack.YamlReader;
import dev.guardrail.policy.RuleId;
import dev.guardrail.server.wiring.Configuration.Principal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// Reads `approvals.canaries`: whether and with what approvers are tested.
///
/// @param principals whose names a made-up request may bear
/// @param signIn where operators come from who do not stand in the file
record CanaryReader(
        ConfigurationReader.Places places,
        Findings findings,
        List<Principal> principals,
        Optional<Configuration.SignIn> signIn) {
    private static final List<String> KEYS = List.of("every", "catalogue", "approvers", "expiresAfter");
    private static final List<String> ITEM = List.of("tool", "arguments", "reason", "agent", "user", "rule", "risk");
    private static final List<String> RISKS =
            Arrays.stream(Risk.values()).map(Risk::text).toList();
    private static final Duration EVERY = Duration.ofDays(1);
    private static final Duration SOONEST = Duration.ofMinutes(10);
    private static final Duration LATEST = Duration.ofDays(366);
    private static final Duration EXPIRES = Duration.ofHours(1);
    private static final Duration LONGEST = Duration.ofDays(30);
    private static final int MOST = 500;

    Optional<CanaryPlan> read(Fields approvals) {
        Optional<Fields> fields =
                approvals.value("canaries").flatMap(value -> Fields.of(value, "`canaries`", KEYS, findings));
        if (fields.isEmpty()) return Optional.empty();
        Fields found = fields.get();
        Duration every = found.duration("every", LATEST).orElse(EVERY);
        if (every.compareTo(SOONEST) < 0)
            findings.error(found.key("every"), "wrong-duration", "`every` is at least `10m`");
        var approvers = approvers(found);
        var decoys = catalogue(found);
        if (decoys.isEmpty() || approvers.isEmpty()) return Optional.empty();
        return Optional.of(new CanaryPlan(
                decoys,
                approvers,
                every,
                found.duration("expiresAfter", LONGEST).orElse(EXPIRES)));
    }

    /// Who is asked: each form names somebody, or nobody would ever be.
    private List<String> approvers(Fields fields) {
        if (fields.required("approvers").isEmpty()) return List.of();
        var forms = fields.scalars("approvers");
        for (Yaml.Scalar form : forms)
            if (principals.stream().noneMatch(principal -> isNamed(principal, form.value()))
                    && !mayBeNamed(form.value()))
                findings.error(form.place(), "nobody", "`" + form.value() + "` is no operator, and names none");
        return forms.stream().map(Yaml.Scalar::value).toList();
    }

    /// Groups of the identity provider, and the roles that they give, name people whom no file does.
    private boolean mayBeNamed(String form) {
        if (form.startsWith("group:")) return signIn.isPresent();
        return signIn.stream()
                .flatMap(provider -> provider.roles().values().stream())
                .flatMap(Set::stream)
                .anyMatch(role -> form.equals("role:" + role));
    }

    private static boolean isNamed(Principal principal, String form) {
        if (principal.kind() != Principal.Kind.OPERATOR) return false;
        if (form.startsWith("role:")) return principal.roles().contains(form.substring("role:".length()));
        if (form.startsWith("group:")) return principal.groups().contains(form.substring("group:".length()));
        return principal.name().equals(form);
    }

    private List<Decoy> catalogue(Fields fields) {
        Optional<Yaml> value = fields.required("catalogue");
        if (value.isEmpty()) return List.of();
        if (value.get() instanceof Yaml.Scalar file) return of(file);
        return decoys(value.get(), findings);
    }

    /// A file of its own, trusted as the configuration is.
    private List<Decoy> of(Yaml.Scalar scalar) {
        Path file = places.resolve(scalar.value());
        try {
            var source = new Source(file.toString(), ConfigurationReader.text(file));
            var own = new Findings(source);
            var documents = YamlReader.read(source, own);
            var decoys = documents.isEmpty() ? List.<Decoy>of() : decoys(documents.getFirst(), own);
            if (documents.size() != 1)
                findings.error(scalar.place(), "documents", "a catalogue is one document, a list of requests");
            own.all().stream()
                    .filter(dev.guardrail.pack.Diagnostic::isError)
                    .forEach(error -> findings.error(
                            scalar.place(),
                            error.code(),
                            "`" + scalar.value() + "`, line " + error.line() + ": " + error.message()));
            return decoys;
        } catch (InvalidConfiguration unreadable) {
            unreadable.findings().forEach(why -> findings.error(scalar.place(), why.code(), why.message()));
            return List.of();
        }
    }

    private List<Decoy> decoys(Yaml yaml, Findings into) {
        if (!(yaml instanceof Yaml.Sequence sequence)
                || sequence.items().isEmpty()
                || sequence.items().size() > MOST) {
            into.error(
                    yaml.place(),
                    "wrong-type",
                    "`catalogue` is a file, or a list of 1 to " + MOST + " of {tool, arguments, reason}");
            return List.of();
        }
        return sequence.items().stream()
                .flatMap(item -> Fields.of(item, "a made-up request", ITEM, into).stream())
                .flatMap(fields -> decoy(fields, into).stream())
                .toList();
    }

    private Optional<Decoy> decoy(Fields fields, Findings into) {
        Optional<ToolName> tool = fields.requiredText("tool").flatMap(text -> tool(text, fields, into));
        Optional<JsonObject> arguments = fields.required("arguments").flatMap(value -> object(value, into));
        Optional<String> agent = fields.text("agent").or(this::anAgent);
        if (agent.isEmpty())
            into.error(fields.place(), "missing-key", "`agent` is missing, and no agent is configured to stand in");
        Risk risk = fields.word("risk", RISKS)
                .map(word -> Risk.valueOf(word.toUpperCase(Locale.ROOT)))
                .orElse(Risk.MEDIUM);
        if (tool.isEmpty() || arguments.isEmpty() || agent.isEmpty()) return Optional.empty();
        return Optional.of(new Decoy(
                tool.get(),
                arguments.get(),
                fields.text("reason").orElse(""),
                agent.get(),
                fields.text("user"),
                new RuleId(fields.text("rule").orElse("needs-approval")),
                risk));
    }

    private Optional<String> anAgent() {
        return principals.stream()
                .filter(principal -> principal.kind() == Principal.Kind.AGENT)
                .map(Principal::name)
                .findFirst();
    }

    private static Optional<ToolName> tool(String text, Fields fields, Findings into) {
        try {
            return Optional.of(ToolName.parse(text));
        } catch (IllegalArgumentException malformed) {
            into.error(fields.key("tool"), "wrong-tool", "`tool` is a server's name, a dot and a tool's name");
            return Optional.empty();
        }
    }

    private static Optional<JsonObject> object(Yaml value, Findings into) {
        if (value instanceof Yaml.Mapping mapping) return Optional.of(mapping.json());
        into.error(value.place(), "wrong-type", "`arguments` is a mapping, as the agent would send it");
        return Optional.empty();
    }
}
