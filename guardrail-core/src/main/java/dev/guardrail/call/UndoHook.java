package dev.guardrail.call;

import dev.guardrail.base.JsonText;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// How the operator says that a tool's calls are taken back (`undo:` of `kind: Tools`). It comes from policy files
/// alone, never from an agent or a server.
///
/// @param before reads what the call is about to change
/// @param compensate puts it back, where `before` found something, or nothing is read before
/// @param whenAbsent puts it back, where `before` found nothing
/// @param check reads what the call has left, to be compared before anything is put back
/// @param keep how long after the call it can be taken back
/// @param cannot why such a call cannot be taken back; empty where it can
/// @param correction what puts a call right that cannot be taken back
/// @param probe asks what became of a call of which nobody knows
/// @param touches names of what the call is about, `/` between their parts: calls that are about other things can be
/// taken back beside it. Empty where nobody says: `undo:look` does so itself, and otherwise the whole server counts
/// @param partial a call that fails may have changed something, and what is changed after one is its own doing
public record UndoHook(
        Optional<Look> before,
        Optional<Act> compensate,
        Optional<Act> whenAbsent,
        Optional<Look> check,
        Duration keep,
        Optional<String> cannot,
        Optional<Act> correction,
        Optional<Probe> probe,
        Optional<Template> touches,
        boolean partial) {
    /// The member of `touches` that holds the names.
    public static final String NAMES = "names";

    /// What stands beside a target where a server of ours is asked, and so cannot stand in one.
    public static final List<String> RESERVED = List.of(ToolName.AGAIN, "state", "expect");

    /// Kept as long where nothing else is said.
    public static final Duration KEPT = Duration.ofHours(24);

    /// Without a probe, for calls that change nothing where they fail, and nobody says what they are about.
    public UndoHook(
            Optional<Look> before,
            Optional<Act> compensate,
            Optional<Act> whenAbsent,
            Optional<Look> check,
            Duration keep,
            Optional<String> cannot,
            Optional<Act> correction) {
        this(
                before,
                compensate,
                whenAbsent,
                check,
                keep,
                cannot,
                correction,
                Optional.empty(),
                Optional.empty(),
                false);
    }

    /// A question that changes nothing.
    ///
    /// @param absentWhen what the tool's error says where there is nothing; empty where any error is a failure
    public record Look(ToolName tool, Template args, Optional<Absence> absentWhen) {}

    /// How a tool says that there is nothing.
    ///
    /// @param words one of the usual ways to say so where it is empty
    public record Absence(String words) {}

    /// A question about one call: finding something means that it ran, finding nothing that it did not.
    ///
    /// @param absentAfter how long after the call was permitted finding nothing counts: it may run late
    public record Probe(Look look, Duration absentAfter) {
        /// Where nothing else is said.
        public static final Duration LATE = Duration.ofMinutes(1);
    }

    /// A call that takes another one back.
    public record Act(ToolName tool, Template args) {}

    /// What a server of ours reads and puts back, beside the tool that changes it, by comparing and setting.
    ///
    /// @param server has `undo:look` and `undo:restore`
    /// @param target what they are asked about
    public static UndoHook by(String server, Template target, Duration keep) {
        var look = new ToolName(server, ToolName.LOOK);
        var again = target.source().set(ToolName.AGAIN, new JsonText("${before.structuredContent.state}"));
        var restored = target.source()
                .set("state", new JsonText("${before.structuredContent.state}"))
                .set("expect", new JsonText("${now.structuredContent.version}"));
        var restore = new Act(new ToolName(server, ToolName.RESTORE), new Template(restored));
        return new UndoHook(
                Optional.of(new Look(look, target, Optional.empty())),
                Optional.of(restore),
                Optional.empty(),
                Optional.of(new Look(look, new Template(again), Optional.empty())),
                keep,
                Optional.empty(),
                Optional.empty());
    }

    /// The same, with this probe.
    public UndoHook probed(Optional<Probe> question) {
        return new UndoHook(
                before, compensate, whenAbsent, check, keep, cannot, correction, question, touches, partial);
    }

    /// The same, for calls that are about what these names say.
    public UndoHook about(Optional<Template> names) {
        return new UndoHook(before, compensate, whenAbsent, check, keep, cannot, correction, probe, names, partial);
    }

    /// The same, for calls that may fail in the middle, or not.
    public UndoHook partial(boolean may) {
        return new UndoHook(before, compensate, whenAbsent, check, keep, cannot, correction, probe, touches, may);
    }

    /// True where `check` asks what `before` asked: what it finds can be compared with what was there before.
    public boolean checksBefore() {
        return before.isPresent() && check.map(UndoHook::first).equals(before);
    }

    /// A look of a server of ours as it was first: what it found then is told to those that follow.
    private static Look first(Look look) {
        return look.tool().isUndo()
                ? new Look(look.tool(), new Template(look.args().source().without(ToolName.AGAIN)), look.absentWhen())
                : look;
    }

    /// How far it takes a call back at best.
    public Exactness exactness() {
        if (cannot.isEmpty()) return Exactness.EXACT;
        return correction.isPresent() ? Exactness.CORRECTS : Exactness.NONE;
    }
}
