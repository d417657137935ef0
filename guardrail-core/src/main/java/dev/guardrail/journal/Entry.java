package dev.guardrail.journal;

import dev.guardrail.base.CanonicalJson;
import dev.guardrail.base.Json;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import dev.guardrail.base.Sha256;
import dev.guardrail.call.CallId;
import dev.guardrail.call.Confinement;
import dev.guardrail.call.Exactness;
import dev.guardrail.call.SessionId;
import dev.guardrail.call.ToolName;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/// One line of the log, version 1: what happened, in canonical JSON of at most 16 KiB (docs/journal-format.md).
/// It holds ids, times, names and commitments; never arguments, results, reasons or secrets.
///
/// Longer than other classes: it is the whole format, in one place.
public sealed interface Entry {
    /// Format of every entry written by this version.
    long VERSION = 1;

    /// When it happened, by the wall clock, to the millisecond.
    Instant at();

    /// Word of its kind, as in the bytes.
    String kind();

    /// Members beside `v`, `kind` and `at`.
    JsonObject members();

    /// Columns to find it by.
    default Batch.Terms terms() {
        return terms(members());
    }

    private Batch.Terms terms(JsonObject members) {
        return new Batch.Terms(
                at().toEpochMilli(),
                kind(),
                members.text("call").orElse(""),
                members.text("session").orElse(""),
                members.text("agent").orElse(""),
                members.text("tool").orElse(""),
                members.text("effect").orElse(""));
    }

    /// Canonical bytes and columns.
    default Batch.Line line() {
        JsonObject members = members();
        var whole = JsonObject.builder()
                .with("v", VERSION)
                .with("kind", kind())
                .with("at", Instant.ofEpochMilli(at().toEpochMilli()).toString())
                .withAll(members.members())
                .build();
        return new Batch.Line(CanonicalJson.bytes(whole), terms(members));
    }

    /// A decision. Where it permits, this very entry is the durable intent to run.
    ///
    /// @param subject who asked, pseudonymous
    /// @param judgement what was decided and why
    /// @param binding blinded fingerprint of the exact call
    /// @param status where the call stands from here on: `running` and `permitted` carry the right to run
    /// @param grants tickets consumed by this entry, and standing grants debited by it
    /// @param ticket opened by a hold
    /// @param leaseUntil end of the right to run, where there is one
    /// @param runsAt until when a permitted call waits in the outbox; it has no lease then
    /// @param reversal how far the call that may run now can be taken back, or which one it takes back
    /// @param confinement sandbox profile under which it would run, and runs where it is permitted
    record Decided(
            Instant at,
            CallId call,
            SubjectLine subject,
            ToolName tool,
            Sha256 definition,
            Judgement judgement,
            Sha256 binding,
            Status status,
            List<Commitment> bodies,
            Collection<String> grants,
            Collection<Debit> debits,
            Optional<String> ticket,
            Optional<Instant> leaseUntil,
            Optional<Instant> runsAt,
            Reversal reversal,
            Optional<Confinement> confinement)
            implements Entry {

        /// A decision that says nothing of taking back, nor of a sandbox.
        public Decided(
                Instant at,
                CallId call,
                SubjectLine subject,
                ToolName tool,
                Sha256 definition,
                Judgement judgement,
                Sha256 binding,
                Status status,
                List<Commitment> bodies,
                Collection<String> grants,
                Collection<Debit> debits,
                Optional<String> ticket,
                Optional<Instant> leaseUntil,
                Optional<Instant> runsAt) {
            this(
                    at,
                    call,
                    subject,
                    tool,
                    definition,
                    judgement,
                    binding,
                    status,
                    bodies,
                    grants,
                    debits,
                    ticket,
                    leaseUntil,
                    runsAt,
                    Reversal.NONE,
                    Optional.empty());
        }

        /// A decision that debits no standing grant, and permits nothing that waits for its time.
        public Decided(
                Instant at,
                CallId call,
                SubjectLine subject,
                ToolName tool,
                Sha256 definition,
                Judgement judgement,
                Sha256 binding,
                Status status,
                List<Commitment> bodies,
                Collection<String> grants,
                Optional<String> ticket,
                Optional<Instant> leaseUntil) {
            this(
                    at,
                    call,
                    subject,
                    tool,
                    definition,
                    judgement,
                    binding,
                    status,
                    bodies,
                    grants,
                    List.of(),
                    ticket,
                    leaseUntil,
                    Optional.empty());
        }

        @Override
        public String kind() {
            return "decided";
        }

        @Override
        public JsonObject members() {
            var members = JsonObject.with("call", call.value())
                    .withAll(subject.json().members())
                    .with("tool", tool.toString())
                    .with("definition", definition.toString())
                    .withAll(judgement.json().members())
                    .with("binding", binding.toString())
                    .with("status", status.text())
                    .with(
                            "bodies",
                            new JsonArray(
                                    bodies.stream().<Json>map(Commitment::json).toList()))
                    .with("grants", JsonArray.ofTexts(grants.stream().sorted().toList()))
                    .with("ticket", ticket)
                    .with("leaseUntil", leaseUntil.map(Instant::toString))
                    .with("runsAt", runsAt.map(Instant::toString))
                    .with("undo", reversal.exactness().map(Exactness::text))
                    .with("undoWhy", Optional.of(reversal.why()).filter(why -> !why.isEmpty()))
                    .with("undoes", reversal.undoes().map(CallId::value));
            confinement.ifPresent(under -> members.with("sandbox", under.json()));
            if (!debits.isEmpty())
                members.with(
                        "debits",
                        new JsonArray(debits.stream().<Json>map(Debit::json).toList()));
            return members.build();
        }
    }

    /// One call counted against a standing grant.
    ///
    /// @param amount that it adds to the grant's sum, as a decimal; empty where the grant has none
    record Debit(String grant, Optional<String> amount) {
        JsonObject json() {
            return JsonObject.with("grant", grant).with("amount", amount).build();
        }
    }

    /// A call left the outbox without being decided again: somebody took it back, or its time was over in vain.
    ///
    /// @param outcome `cancelled` or `expired`
    /// @param by kind and name of whoever did it; `guard` where nobody did
    /// @param why one word
    record OutboxClosed(
            Instant at,
            CallId call,
            SessionId session,
            String agent,
            ToolName tool,
            String outcome,
            String by,
            String why,
            Optional<Commitment> reason)
            implements Entry {
        @Override
        public String kind() {
            return "outbox_closed";
        }

        @Override
        public JsonObject members() {
            var members = JsonObject.with("call", call.value())
                    .with("session", session.value())
                    .with("agent", agent)
                    .with("tool", tool.toString())
                    .with("outcome", outcome)
                    .with("by", by)
                    .with("why", why);
            reason.ifPresent(commitment -> members.with("reason", commitment.json()));
            return members.build();
        }
    }

    /// Who asked: names as configured, the user only as a pseudonym.
    record SubjectLine(SessionId session, String agent, Optional<Sha256> user, String door) {
        JsonObject json() {
            return JsonObject.with("session", session.value())
                    .with("agent", agent)
                    .with("user", user.map(Sha256::toString))
                    .with("door", door)
                    .build();
        }
    }

    /// What was decided and why.
    ///
    /// @param effect word of the effect: `deny`, `clarify`, `require_approval`, `modify`, `allow`
    /// @param cause word of the cause of a refusal; empty otherwise
    /// @param run who runs it: `caller` or `guard`
    record Judgement(
            String effect,
            Collection<String> rules,
            Collection<String> failed,
            Collection<String> shadow,
            String cause,
            Sha256 policy,
            String run) {
        JsonObject json() {
            var json = JsonObject.with("effect", effect)
                    .with("rules", JsonArray.ofTexts(rules.stream().sorted().toList()))
                    .with("policy", policy.toString())
                    .with("run", run);
            if (!failed.isEmpty())
                json.with("failed", JsonArray.ofTexts(failed.stream().sorted().toList()));
            if (!shadow.isEmpty())
                json.with("shadow", JsonArray.ofTexts(shadow.stream().sorted().toList()));
            if (!cause.isEmpty()) json.with("cause", cause);
            return json.build();
        }
    }

    /// What came of a call, or that nobody knows.
    ///
    /// @param status `succeeded`, `failed`, `in_doubt`, `expired` (outcome unknown) or `cancelled`
    ///     (the right to run it was taken back, outcome unknown)
    /// @param attested who says so: `guard`, `host`, `agent`; for a call in doubt `operator`, or `probe`, which is
    ///     the guard that looked at the server afterwards
    /// @param error word of the fault; empty where there is none
    /// @param after keyed digest of what the call left behind
    record Executed(
            Instant at,
            CallId call,
            SessionId session,
            String agent,
            ToolName tool,
            Status status,
            String attested,
            String error,
            Optional<Commitment> result,
            Optional<Sha256> after)
            implements Entry {

        /// What the call left behind was not read.
        public Executed(
                Instant at,
                CallId call,
                SessionId session,
                String agent,
                ToolName tool,
                Status status,
                String attested,
                String error,
                Optional<Commitment> result) {
            this(at, call, session, agent, tool, status, attested, error, result, Optional.empty());
        }

        @Override
        public String kind() {
            return "executed";
        }

        @Override
        public JsonObject members() {
            var members = JsonObject.with("call", call.value())
                    .with("session", session.value())
                    .with("agent", agent)
                    .with("tool", tool.toString())
                    .with("status", status.text())
                    .with("attested", attested);
            if (!error.isEmpty()) members.with("error", error);
            result.ifPresent(commitment -> members.with("result", commitment.json()));
            return members.with("after", after.map(Sha256::toString)).build();
        }
    }

    /// A call was taken back, or taking it back failed: right after the outcome of the call that did it.
    ///
    /// @param compensation the call that took it back
    /// @param status `undone` or `undo_failed`
    record Undone(
            Instant at, CallId call, SessionId session, String agent, ToolName tool, CallId compensation, Status status)
            implements Entry {
        @Override
        public String kind() {
            return "undone";
        }

        @Override
        public JsonObject members() {
            return JsonObject.with("call", call.value())
                    .with("session", session.value())
                    .with("agent", agent)
                    .with("tool", tool.toString())
                    .with("compensation", compensation.value())
                    .with("status", status.text())
                    .build();
        }
    }

    /// One person's vote on a held call.
    ///
    /// @param approve false for a denial, which closes the ticket
    /// @param scope digest of how far the voter wants the approval to reach; empty for the one call
    record Voted(
            Instant at,
            String ticket,
            CallId call,
            SessionId session,
            String voter,
            boolean approve,
            Sha256 binding,
            Optional<Sha256> scope,
            Optional<Commitment> reason)
            implements Entry {

        /// A vote on the one call.
        public Voted(
                Instant at,
                String ticket,
                CallId call,
                SessionId session,
                String voter,
                boolean approve,
                Sha256 binding,
                Optional<Commitment> reason) {
            this(at, ticket, call, session, voter, approve, binding, Optional.empty(), reason);
        }

        @Override
        public String kind() {
            return "voted";
        }

        @Override
        public JsonObject members() {
            var members = JsonObject.with("ticket", ticket)
                    .with("call", call.value())
                    .with("session", session.value())
                    .with("voter", voter)
                    .with("vote", approve ? "approve" : "deny")
                    .with("binding", binding.toString())
                    .with("scope", scope.map(Sha256::toString));
            reason.ifPresent(commitment -> members.with("reason", commitment.json()));
            return members.build();
        }
    }

    /// The end of a ticket's waiting.
    ///
    /// @param outcome `approved`, `denied`, `expired` or `cancelled`
    /// @param required fewest people who can approve it
    /// @param usableUntil end of an approval's use
    record TicketClosed(
            Instant at,
            String ticket,
            CallId call,
            SessionId session,
            String outcome,
            Collection<String> rules,
            int required,
            Optional<Instant> usableUntil)
            implements Entry {
        @Override
        public String kind() {
            return "ticket_closed";
        }

        @Override
        public JsonObject members() {
            return JsonObject.with("ticket", ticket)
                    .with("call", call.value())
                    .with("session", session.value())
                    .with("outcome", outcome)
                    .with("rules", JsonArray.ofTexts(rules.stream().sorted().toList()))
                    .with("required", required)
                    .with("usableUntil", usableUntil.map(Instant::toString))
                    .build();
        }
    }

    /// Something else than a vote happened to a pending ticket: `escalated`, `delegated`, `asked`, `answered`,
    /// `edited`.
    ///
    /// @param by name of the operator, kind and name of whoever answers, `guard` where time did it
    /// @param to forms or names that have a vote from here on; empty for others
    /// @param binding blinded fingerprint of the call as it was changed; votes before are on another call
    /// @param bodies what was said, why, or the arguments as changed
    record TicketChanged(
            Instant at,
            String ticket,
            CallId call,
            SessionId session,
            String change,
            String by,
            Collection<String> to,
            Optional<Sha256> binding,
            List<Commitment> bodies)
            implements Entry {
        @Override
        public String kind() {
            return "ticket_changed";
        }

        @Override
        public JsonObject members() {
            var members = JsonObject.with("ticket", ticket)
                    .with("call", call.value())
                    .with("session", session.value())
                    .with("change", change)
                    .with("by", by)
                    .with("binding", binding.map(Sha256::toString))
                    .with(
                            "bodies",
                            new JsonArray(
                                    bodies.stream().<Json>map(Commitment::json).toList()));
            if (!to.isEmpty())
                members.with("to", JsonArray.ofTexts(to.stream().sorted().toList()));
            return members.build();
        }
    }

    /// A made-up request was shown to approvers, to see whether they read. It is nobody's call, and can never run.
    ///
    /// @param call the id that it shows; no other kind of entry names it
    /// @param poses name of the agent that it seems to come from
    /// @param to who is asked, as rules say it
    /// @param by `guard`, or the operator who wanted it
    record CanaryOpened(
            Instant at,
            String ticket,
            CallId call,
            ToolName tool,
            String poses,
            Collection<String> to,
            String by,
            Instant until,
            List<Commitment> bodies)
            implements Entry {
        @Override
        public String kind() {
            return "canary_opened";
        }

        @Override
        public JsonObject members() {
            return JsonObject.with("ticket", ticket)
                    .with("call", call.value())
                    .with("tool", tool.toString())
                    .with("poses", poses)
                    .with("to", JsonArray.ofTexts(to.stream().sorted().toList()))
                    .with("by", by)
                    .with("until", until.toString())
                    .with(
                            "bodies",
                            new JsonArray(
                                    bodies.stream().<Json>map(Commitment::json).toList()))
                    .build();
        }
    }

    /// What approvers made of a made-up request.
    ///
    /// @param outcome `missed` (approved), `caught` (denied), `silent` (nobody answered) or `handled`
    /// @param by the operator; empty where it is `silent`
    record CanaryClosed(
            Instant at,
            String ticket,
            CallId call,
            ToolName tool,
            String outcome,
            Optional<String> by,
            Optional<Commitment> reason)
            implements Entry {
        @Override
        public String kind() {
            return "canary_closed";
        }

        @Override
        public JsonObject members() {
            var members = JsonObject.with("ticket", ticket)
                    .with("call", call.value())
                    .with("tool", tool.toString())
                    .with("outcome", outcome)
                    .with("by", by);
            reason.ifPresent(commitment -> members.with("reason", commitment.json()));
            return members.build();
        }
    }

    /// An approval reaches further than its call: what came of votes that all asked for it, or of an approved plan.
    ///
    /// @param call that was approved, and counts as the first one; or the plan
    /// @param session of that call
    /// @param binding blinded digest of what the calls have in common
    /// @param rules hold rules that it answers
    /// @param used calls that count already
    /// @param spent of its sum already, as a decimal; 0 where it has none
    /// @param step place in its plan, from 1; empty where it is of none
    record Granted(
            Instant at,
            String grant,
            String ticket,
            CallId call,
            SessionId session,
            Holder holder,
            ToolName tool,
            Sha256 definition,
            Caps caps,
            Sha256 binding,
            Collection<String> rules,
            int used,
            String spent,
            Optional<Integer> step)
            implements Entry {
        @Override
        public String kind() {
            return "granted";
        }

        @Override
        public JsonObject members() {
            var json = JsonObject.with("grant", grant)
                    .with("ticket", ticket)
                    .with("call", call.value())
                    .with("session", session.value())
                    .with("agent", holder.agent())
                    .with("user", holder.user().map(Sha256::toString))
                    .with("tool", tool.toString())
                    .with("definition", definition.toString())
                    .withAll(caps.json().members())
                    .with("binding", binding.toString())
                    .with("rules", JsonArray.ofTexts(rules.stream().sorted().toList()))
                    .with("used", used)
                    .with("spent", spent);
            step.ifPresent(place -> json.with("step", place));
            return json.build();
        }
    }

    /// Whose calls a grant is for; the user only as a pseudonym.
    record Holder(String agent, Optional<Sha256> user) {}

    /// How far a grant reaches.
    ///
    /// @param scope digest of what the votes asked for
    /// @param withinSession true where it is for its call's session alone
    /// @param sum most that its calls add up to, as a decimal
    record Caps(Sha256 scope, boolean withinSession, int calls, Optional<String> sum, Instant until) {
        JsonObject json() {
            return JsonObject.with("scope", scope.toString())
                    .with("within", withinSession ? "session" : "agent")
                    .with("calls", calls)
                    .with("sum", sum)
                    .with("until", until.toString())
                    .build();
        }
    }

    /// A standing grant ended before its calls were used up.
    ///
    /// @param outcome `revoked`, or `expired`
    /// @param by name of the operator, or `guard`
    record GrantEnded(
            Instant at,
            String grant,
            SessionId session,
            String agent,
            ToolName tool,
            String outcome,
            String by,
            Optional<Commitment> reason)
            implements Entry {
        @Override
        public String kind() {
            return "grant_ended";
        }

        @Override
        public JsonObject members() {
            var members = JsonObject.with("grant", grant)
                    .with("session", session.value())
                    .with("agent", agent)
                    .with("tool", tool.toString())
                    .with("outcome", outcome)
                    .with("by", by);
            reason.ifPresent(commitment -> members.with("reason", commitment.json()));
            return members.build();
        }
    }

    /// Something happened to a session: `opened`, `message`, `paused`, `resumed`, `ended`.
    record SessionChanged(
            Instant at,
            SessionId session,
            String agent,
            Optional<Sha256> user,
            String change,
            String by,
            Optional<Commitment> text)
            implements Entry {
        @Override
        public String kind() {
            return "session_changed";
        }

        @Override
        public JsonObject members() {
            var members = JsonObject.with("session", session.value())
                    .with("agent", agent)
                    .with("user", user.map(Sha256::toString))
                    .with("change", change)
                    .with("by", by);
            text.ifPresent(commitment -> members.with("text", commitment.json()));
            return members.build();
        }
    }

    /// A tool's definition was `pinned` at first sight, `quarantined` by a change, or `accepted` by an operator.
    record ToolSeen(Instant at, ToolName toolName, Sha256 definition, String state, String by) implements Entry {
        @Override
        public String kind() {
            return "tool_seen";
        }

        @Override
        public JsonObject members() {
            return JsonObject.with("tool", toolName.toString())
                    .with("definition", definition.toString())
                    .with("state", state)
                    .with("by", by)
                    .build();
        }
    }

    /// Somebody was shown what lies behind the commitments of an entry.
    ///
    /// @param by the operator's name
    /// @param entry whose commitments they are
    /// @param call that the entry is about
    /// @param shown ids of the bodies
    /// @param reason commitment to why, in the operator's words
    record Revealed(
            Instant at, String by, long entry, Optional<CallId> call, Collection<String> shown, Commitment reason)
            implements Entry {
        @Override
        public String kind() {
            return "revealed";
        }

        @Override
        public JsonObject members() {
            return JsonObject.with("by", by)
                    .with("entry", Long.toString(entry))
                    .with("call", call.map(CallId::value))
                    .with("shown", JsonArray.ofTexts(shown.stream().sorted().toList()))
                    .with("reason", reason.json())
                    .build();
        }
    }

    /// A policy set came into force.
    record PackActivated(Instant at, Sha256 policy, long rules) implements Entry {
        @Override
        public String kind() {
            return "pack_activated";
        }

        @Override
        public JsonObject members() {
            return JsonObject.with("policy", policy.toString())
                    .with("rules", rules)
                    .build();
        }
    }

    /// The log's signing key: the first of a log, or one that takes over.
    ///
    /// @param vkey verifier key in C2SP's signed-note form; its name is the log's origin from here on
    /// @param appointment signed note of the key before ([dev.guardrail.proof.Appointment]); empty for the first
    ///     key, and where the one before is lost
    record KeyRotated(Instant at, String vkey, Optional<String> appointment) implements Entry {
        @Override
        public String kind() {
            return "key_rotated";
        }

        @Override
        public JsonObject members() {
            return JsonObject.with("vkey", vkey)
                    .with("appointment", appointment)
                    .build();
        }
    }

    /// A restored backup lacks entries that were once acknowledged; an operator said why.
    ///
    /// @param from first sequence that is lost
    /// @param to sequence after the last one known to be lost
    /// @param head signed note of the last tree head known to hold what is lost; empty where none is known
    record GapAcknowledged(Instant at, long from, long to, String by, Commitment reason, Optional<String> head)
            implements Entry {
        @Override
        public String kind() {
            return "gap_acknowledged";
        }

        @Override
        public JsonObject members() {
            return JsonObject.with("from", new JsonText(Long.toString(from)))
                    .with("to", new JsonText(Long.toString(to)))
                    .with("by", by)
                    .with("reason", reason.json())
                    .with("head", head)
                    .build();
        }
    }

    /// Something was refused before any policy was asked, of a sender whose credential was good.
    ///
    /// @param door where it came in
    /// @param fault word of what was wrong with it; ours, never the sender's
    /// @param sender who sent it
    /// @param server name as configured; empty where it named none of those
    /// @param route method, a space and the route's template
    /// @param message keyed digest of the bytes that were sent; empty where none were read, and for
    ///     several
    /// @param count how many refusals this entry stands for
    /// @param since when the first of several was refused
    record WireRefused(
            Instant at,
            String door,
            String fault,
            SenderLine sender,
            Optional<String> server,
            String route,
            Optional<Sha256> message,
            long count,
            Optional<Instant> since)
            implements Entry {
        @Override
        public String kind() {
            return "wire_refused";
        }

        @Override
        public JsonObject members() {
            return JsonObject.with("door", door)
                    .with("fault", fault)
                    .withAll(sender.json().members())
                    .with("server", server)
                    .with("route", route)
                    .with("message", message.map(Sha256::toString))
                    .with("count", count)
                    .with("since", since.map(Instant::toString))
                    .build();
        }
    }

    /// An operator's word that nothing in a scope runs until it is lifted.
    ///
    /// @param by name of the operator
    /// @param reason to the operator's words
    record Stopped(Instant at, StopLine stop, String by, Commitment reason) implements Entry {
        @Override
        public String kind() {
            return "stopped";
        }

        @Override
        public JsonObject members() {
            return stop.json().with("by", by).with("reason", reason.json()).build();
        }
    }

    /// A stop is lifted: from here on it binds nothing.
    record StopLifted(Instant at, StopLine stop, String by) implements Entry {
        @Override
        public String kind() {
            return "stop_lifted";
        }

        @Override
        public JsonObject members() {
            return stop.json().with("by", by).build();
        }
    }

    /// What a stop binds.
    ///
    /// @param scope `all`, `agent`, `session`, `tool` or `server`
    /// @param subject name or id of the one that is stopped; empty for `all`
    record StopLine(String id, String scope, String subject) {
        JsonObject.Builder json() {
            var json = JsonObject.with("stop", id).with("scope", scope);
            return subject.isEmpty() ? json : json.with(scope, subject);
        }
    }

    /// Who sent something: names as configured, the user only as a pseudonym.
    ///
    /// @param by kind and name, `agent:coder`
    /// @param agent the name, where it is an agent's
    /// @param session that a session token named
    record SenderLine(String by, Optional<String> agent, Optional<SessionId> session, Optional<Sha256> user) {
        JsonObject json() {
            return JsonObject.with("by", by)
                    .with("agent", agent)
                    .with("session", session.map(SessionId::value))
                    .with("user", user.map(Sha256::toString))
                    .build();
        }
    }
}
