package dev.guardrail.call;

import dev.guardrail.base.JsonText;
import java.time.Duration;
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
public record UndoHook(
        Optional<Look> before,
        Optional<Act> compensate,
        Optional<Act> whenAbsent,
        Optional<Look> check,
        Duration keep,
        Optional<String> cannot,
        Optional<Act> correction) {
    /// Kept as long where nothing else is said.
    public static final Duration KEPT = Duration.ofHours(24);

    /// A question that changes nothing.
    ///
    /// @param absentWhen what the tool's error says where there is nothing; empty where any error is a failure
    public record Look(ToolName tool, Template args, Optional<Absence> absentWhen) {}

    /// How a tool says that there is nothing.
    ///
    /// @param words one of the usual ways to say so where it is empty
    public record Absence(String words) {}

    /// A call that takes another one back.
    public record Act(ToolName tool, Template args) {}

    /// What a server of ours reads and puts back, beside the tool that changes it, by comparing and setting.
    ///
    /// @param server has `undo:look` and `undo:restore`
    /// @param target what they are asked about
    public static UndoHook by(String server, Template target, Duration keep) {
        var look = Optional.of(new Look(new ToolName(server, ToolName.LOOK), target, Optional.empty()));
        var restored = target.source()
                .set("state", new JsonText("${before.structuredContent.state}"))
                .set("expect", new JsonText("${now.structuredContent.version}"));
        var restore = new Act(new ToolName(server, ToolName.RESTORE), new Template(restored));
        return new UndoHook(look, Optional.of(restore), Optional.empty(), look, keep, Optional.empty(), Optional.empty());
    }

    /// How far it takes a call back at best.
    public Exactness exactness() {
        if (cannot.isEmpty()) return Exactness.EXACT;
        return correction.isPresent() ? Exactness.CORRECTS : Exactness.NONE;
    }
}
