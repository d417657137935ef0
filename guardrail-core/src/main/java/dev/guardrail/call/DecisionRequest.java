package dev.guardrail.call;

import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.Sha256;

/// The canonical question: may this subject take this action on this resource, now?
public record DecisionRequest(CallId call, Subject subject, Action action, Resource resource, Context context) {

    /// The same question with other arguments, resolved again.
    public DecisionRequest with(JsonObject arguments, PathFacts paths) {
        return new DecisionRequest(
                call,
                subject,
                new Action(action.tool(), arguments),
                new Resource(resource.tool(), paths, resource.planned(), resource.confinement()),
                context);
    }

    /// The same question, of a call that runs under this sandbox profile.
    public DecisionRequest under(Confinement confinement) {
        return new DecisionRequest(
                call,
                subject,
                action,
                new Resource(resource.tool(), resource.paths(), resource.planned(), java.util.Optional.of(confinement)),
                context);
    }

    /// Digest of the arguments alone, as approvers repeat it.
    public Sha256 argumentsDigest() {
        return Sha256.of(action.arguments());
    }

    /// What an approval binds (contract, section 4): agent, user, tool and its digest, arguments, resolved
    /// paths with content digests, the sandbox profile; of a plan the same of every call that it is about. The
    /// hold rules that it answers are bound beside it, by the grant.
    public Sha256 fingerprint() {
        var paths = resource.paths().byText().entrySet().stream()
                .map(entry -> (dev.guardrail.base.Json) JsonObject.with("text", entry.getKey())
                        .with("real", entry.getValue().real())
                        .with("content", entry.getValue().content().map(Sha256::toString))
                        .build())
                .toList();
        var bound = JsonObject.with("agent", subject.agent())
                .with("user", subject.user())
                .with("tool", action.tool().toString())
                .with("definition", resource.tool().digest().toString())
                .with("arguments", action.arguments())
                .with("purpose", context.purpose().text())
                .with("paths", new JsonArray(paths));
        if (!resource.planned().isEmpty())
            bound.with(
                    "planned",
                    JsonArray.ofTexts(
                            resource.planned().stream().map(Sha256::toString).toList()));
        resource.confinement().ifPresent(under -> bound.with("sandbox", under.json()));
        return Sha256.of(bound.build());
    }
}
