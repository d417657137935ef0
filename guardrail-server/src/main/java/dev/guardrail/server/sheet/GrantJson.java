package dev.guardrail.server.sheet;

import dev.guardrail.approval.ApprovalDesk;
import dev.guardrail.approval.GrantRecord;
import dev.guardrail.approval.GrantState;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonNumber;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import dev.guardrail.call.CallId;
import dev.guardrail.journal.CallRecord;
import dev.guardrail.journal.Journal;
import dev.guardrail.journal.Kind;
import dev.guardrail.pipeline.Preview;

/// A standing grant as people are shown it.
public record GrantJson(Journal journal, ApprovalDesk desk) {

    /// A line of the list.
    public JsonObject item(GrantRecord grant) {
        var json = JsonObject.with("id", grant.id())
                .with("state", state(grant).text())
                .with("agent", grant.agent())
                .with("user", grant.user())
                .with("session", grant.session().value())
                .with("tool", grant.tool().toString())
                .with("scope", grant.scope().json())
                .with("used", grant.used())
                .with("calls", grant.scope().calls());
        grant.scope()
                .reach()
                .sum()
                .ifPresent(
                        sum -> json.with("spent", new JsonNumber(grant.spent().toPlainString())));
        grant.step().ifPresent(step -> json.with("step", step));
        json.with("approval", grant.ticket())
                .with("callId", grant.call().value())
                .with("approvers", JsonArray.ofTexts(grant.approvers()))
                .with("rules", JsonArray.ofTexts(grant.ruleIds()))
                .with("grantedAt", grant.at().toString())
                .with("until", grant.until().toString());
        grant.ending()
                .ifPresent(how -> json.with(
                        "ended",
                        JsonObject.with("at", how.at().toString())
                                .with("by", how.by())
                                .with("reason", desk.grants().reason(grant))
                                .build()));
        return json.build();
    }

    /// The same with the arguments of the approved call, which others within reach repeat but for what may differ.
    public JsonObject detail(GrantRecord grant) {
        JsonObject item =
                item(grant).set("definition", new JsonText(grant.definition().toString()));
        return journal.get(Kind.CALL, grant.call().value())
                .map(document -> CallRecord.of(document.value()))
                .flatMap(call -> journal.body(call.argumentsBody()))
                .map(arguments -> item.set("arguments", arguments))
                .orElse(item);
    }

    /// One whose end nobody has written down yet is over all the same.
    private GrantState state(GrantRecord grant) {
        boolean lapsed = grant.state() == GrantState.ACTIVE && desk.grants().isOver(grant);
        return lapsed ? GrantState.EXPIRED : grant.state();
    }

    /// What a scope would have meant, in numbers and one sentence.
    public static JsonObject preview(Preview preview, JsonObject scope, String agent) {
        String sentence = "It would have let " + preview.covered() + " of the last " + preview.looked() + " calls of "
                + Legible.line(agent) + " through without asking; people denied "
                + preview.denied().size() + " of them"
                + (preview.unknown() == 0
                        ? "."
                        : "; of " + preview.unknown() + " more nobody can tell, as their arguments are not kept.");
        return JsonObject.with("scope", scope)
                .with("looked", preview.looked())
                .with("covered", preview.covered())
                .with(
                        "denied",
                        JsonArray.ofTexts(
                                preview.denied().stream().map(CallId::value).toList()))
                .with("unknown", preview.unknown())
                .with("sentence", sentence)
                .build();
    }
}
