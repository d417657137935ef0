package dev.guardrail.journal;

import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.Sha256;
import dev.guardrail.call.CallId;
import dev.guardrail.call.Purpose;
import dev.guardrail.call.Run;
import dev.guardrail.call.SessionId;
import dev.guardrail.call.ToolName;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Present state of a call, as its document holds it. Arguments and result lie in bodies named after the call.
///
/// Longer than other classes: it has many members, and each step copies all of them.
///
/// @param effect word of the effect that was decided last
/// @param repeat blinded digest under which an identical call of the session is recognised
/// @param ticket the latest hold's ticket
/// @param leaseUntil end of the right to run, where there is one
/// @param entry where its latest decision stands
/// @param whole false where secrets were taken out of the stored arguments: it can then run only from an identical
/// repeat
/// @param idempotent as the operator's catalogue said when it was decided
/// @param edits how often a person changed the arguments while it was held
/// @param queued when it was put off, and until when; it stays once the time is over
/// @param reversal how it is taken back, or what it takes back
public record CallRecord(
        CallId id,
        SessionId session,
        String agent,
        Optional<String> user,
        ToolName tool,
        Sha256 definition,
        Sha256 argumentsDigest,
        Sha256 repeat,
        Run run,
        String door,
        Status status,
        String effect,
        List<String> rules,
        String cause,
        String message,
        List<String> instead,
        boolean fixed,
        Optional<String> ticket,
        Optional<Instant> leaseUntil,
        Sha256 policy,
        Optional<Receipt> entry,
        Instant at,
        boolean whole,
        boolean idempotent,
        String attested,
        String error,
        int edits,
        Optional<Queued> queued,
        Reversal reversal) {

    /// What queued calls are found by, in place of their status.
    public static final String QUEUED = "queued";

    /// A call that nobody said how to take back.
    public CallRecord(
            CallId id,
            SessionId session,
            String agent,
            Optional<String> user,
            ToolName tool,
            Sha256 definition,
            Sha256 argumentsDigest,
            Sha256 repeat,
            Run run,
            String door,
            Status status,
            String effect,
            List<String> rules,
            String cause,
            String message,
            List<String> instead,
            boolean fixed,
            Optional<String> ticket,
            Optional<Instant> leaseUntil,
            Sha256 policy,
            Optional<Receipt> entry,
            Instant at,
            boolean whole,
            boolean idempotent,
            String attested,
            String error,
            int edits,
            Optional<Queued> queued) {
        this(
                id,
                session,
                agent,
                user,
                tool,
                definition,
                argumentsDigest,
                repeat,
                run,
                door,
                status,
                effect,
                rules,
                cause,
                message,
                instead,
                fixed,
                ticket,
                leaseUntil,
                policy,
                entry,
                at,
                whole,
                idempotent,
                attested,
                error,
                edits,
                queued,
                Reversal.NONE);
    }

    public CallRecord {
        rules = List.copyOf(rules);
        instead = List.copyOf(instead);
    }

    /// Id of the body that holds the arguments as they are judged and run.
    public String argumentsBody() {
        return edits == 0 ? originalBody() : id.value() + "/arguments/" + edits;
    }

    /// Id of the body that holds the arguments as they were first judged.
    public String originalBody() {
        return id.value() + "/arguments";
    }

    /// Id of the body that holds the arguments as a person changed them last, where modify rules changed them again.
    public String editedBody() {
        return id.value() + "/edited/" + edits;
    }

    /// This held call with other arguments.
    public CallRecord edited(Sha256 digest, Sha256 definedBy, Sha256 decidedBy, List<String> holds) {
        return new CallRecord(
                id,
                session,
                agent,
                user,
                tool,
                definedBy,
                digest,
                repeat,
                run,
                door,
                status,
                effect,
                holds,
                cause,
                message,
                instead,
                fixed,
                ticket,
                leaseUntil,
                decidedBy,
                entry,
                at,
                true,
                idempotent,
                attested,
                error,
                edits + 1,
                queued,
                reversal);
    }

    /// Id of the body that holds the arguments as proposed, where modify rules changed them.
    public String proposedBody() {
        return id.value() + "/proposed";
    }

    /// Id of the body that holds what came of it.
    public String resultBody() {
        return id.value() + "/result";
    }

    /// Id of the body that holds the agent's reason.
    public String reasonBody() {
        return id.value() + "/reason";
    }

    /// This call, refused for another cause than the policy's after it was held.
    public CallRecord refused(Status next, String why) {
        return with(next, "deny", why, attested, error);
    }

    /// This call in a later state.
    public CallRecord moved(Status next, String attestedBy, String fault) {
        return with(next, effect, cause, attestedBy, fault);
    }

    private CallRecord with(Status next, String decided, String why, String attestedBy, String fault) {
        return new CallRecord(
                id,
                session,
                agent,
                user,
                tool,
                definition,
                argumentsDigest,
                repeat,
                run,
                door,
                next,
                decided,
                rules,
                why,
                message,
                instead,
                fixed,
                ticket,
                leaseUntil,
                policy,
                entry,
                at,
                whole,
                idempotent,
                attestedBy,
                fault,
                edits,
                queued,
                reversal);
    }

    /// This call with its decision's place in the log.
    public CallRecord at(Receipt receipt) {
        return with(message, instead, ticket, Optional.of(receipt));
    }

    /// This call, waiting on a ticket.
    public CallRecord onHold(String ticketId) {
        return with(message, instead, Optional.of(ticketId), entry);
    }

    /// This call with what its agent is told, which the document does not hold (a person's words lie in a body).
    public CallRecord saying(String words) {
        return with(words, instead, ticket, entry);
    }

    /// This call without the author's words: what an agent is told that tries the same for the third time.
    public CallRecord terse() {
        return with("", List.of(), ticket, entry);
    }

    private CallRecord with(String words, List<String> ways, Optional<String> waiting, Optional<Receipt> place) {
        return new CallRecord(
                id,
                session,
                agent,
                user,
                tool,
                definition,
                argumentsDigest,
                repeat,
                run,
                door,
                status,
                effect,
                rules,
                cause,
                words,
                ways,
                fixed,
                waiting,
                leaseUntil,
                policy,
                place,
                at,
                whole,
                idempotent,
                attested,
                error,
                edits,
                queued,
                reversal);
    }

    /// True while it is permitted and waits for its time: nobody has the right to run it yet.
    public boolean isQueued() {
        return status == Status.PERMITTED && queued.isPresent() && leaseUntil.isEmpty();
    }

    /// This permitted call, waiting for its time.
    public CallRecord putOff(Queued until) {
        return with(Optional.of(until), reversal);
    }

    /// Id of the body that holds what it takes to take the call back.
    public String beforeBody() {
        return id.value() + "/before";
    }

    public Purpose purpose() {
        return reversal.undoes().isPresent() ? Purpose.UNDO : Purpose.ACT;
    }

    /// This call with how it is taken back, or what it takes back.
    public CallRecord reversed(Reversal next) {
        return with(queued, next);
    }

    private CallRecord with(Optional<Queued> waiting, Reversal back) {
        return new CallRecord(
                id,
                session,
                agent,
                user,
                tool,
                definition,
                argumentsDigest,
                repeat,
                run,
                door,
                status,
                effect,
                rules,
                cause,
                message,
                instead,
                fixed,
                ticket,
                leaseUntil,
                policy,
                entry,
                at,
                whole,
                idempotent,
                attested,
                error,
                edits,
                waiting,
                back);
    }

    /// This call with what it left behind.
    public CallRecord left(Optional<Sha256> image) {
        return image.isEmpty() ? this : reversed(reversal.left(image));
    }

    /// This call, taken back by that one from its intent on, or by nobody any more.
    public CallRecord claimed(Optional<CallId> by) {
        return reversed(reversal.claimed(by));
    }

    /// This call, counted by its session among those that cannot be taken back, or not.
    public CallRecord counted(boolean isCounted) {
        return isCounted == reversal.counted() ? this : reversed(reversal.counted(isCounted));
    }

    /// Id of the body that holds why somebody took it back.
    public String cancelBody() {
        return id.value() + "/cancelled";
    }

    public Document.Tags tags() {
        return new Document.Tags(session.value(), isQueued() ? QUEUED : status.text(), repeat.toString());
    }

    /// The change that writes this state over version `expected` of the call's document.
    public Change put(long expected) {
        return new Change.Put(Kind.CALL, id.value(), expected, tags(), json());
    }

    public JsonObject json() {
        var json = JsonObject.with("id", id.value())
                .with("session", session.value())
                .with("agent", agent)
                .with("user", user)
                .with("tool", tool.toString())
                .with("definition", definition.toString())
                .with("argumentsDigest", argumentsDigest.toString())
                .with("repeat", repeat.toString())
                .with("run", run.name())
                .with("door", door)
                .with("status", status.text())
                .with("effect", effect)
                .with("rules", JsonArray.ofTexts(rules))
                .with("cause", cause)
                .with("message", message)
                .with("instead", JsonArray.ofTexts(instead))
                .with("fixed", fixed)
                .with("ticket", ticket)
                .with("leaseUntil", leaseUntil.map(Instant::toString))
                .with("policy", policy.toString())
                .with("at", at.toString())
                .with("whole", whole)
                .with("idempotent", idempotent)
                .with("attested", attested)
                .with("error", error);
        if (edits > 0) json.with("edits", edits);
        queued.ifPresent(put -> json.with("queued", put.json()));
        if (!reversal.equals(Reversal.NONE)) json.with("reversal", reversal.json());
        entry.ifPresent(receipt -> json.with("log", receipt.log().value()).with("seq", receipt.seq()));
        return json.build();
    }

    /// @throws java.util.NoSuchElementException if a member is missing
    public static CallRecord of(JsonObject json) {
        return new CallRecord(
                new CallId(json.text("id").orElseThrow()),
                new SessionId(json.text("session").orElseThrow()),
                json.text("agent").orElseThrow(),
                json.text("user"),
                ToolName.parse(json.text("tool").orElseThrow()),
                Sha256.parse(json.text("definition").orElseThrow()),
                Sha256.parse(json.text("argumentsDigest").orElseThrow()),
                Sha256.parse(json.text("repeat").orElseThrow()),
                Run.valueOf(json.text("run").orElseThrow()),
                json.text("door").orElseThrow(),
                Status.parse(json.text("status").orElseThrow()),
                json.text("effect").orElseThrow(),
                json.array("rules").orElseThrow().texts(),
                json.text("cause").orElseThrow(),
                json.text("message").orElseThrow(),
                json.array("instead").orElseThrow().texts(),
                json.isTrue("fixed"),
                json.text("ticket"),
                json.text("leaseUntil").map(Instant::parse),
                Sha256.parse(json.text("policy").orElseThrow()),
                json.text("log")
                        .map(log ->
                                new Receipt(new LogId(log), json.integer("seq").orElseThrow())),
                Instant.parse(json.text("at").orElseThrow()),
                json.isTrue("whole"),
                json.isTrue("idempotent"),
                json.text("attested").orElseThrow(),
                json.text("error").orElseThrow(),
                Math.toIntExact(json.integer("edits").orElse(0)),
                json.object("queued").map(Queued::of),
                json.object("reversal").map(Reversal::of).orElse(Reversal.NONE));
    }
}
