package dev.guardrail.undo;

import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.call.Template;
import dev.guardrail.call.ToolName;
import dev.guardrail.call.UndoHook;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// What is kept of the state before a call, and the call that takes it back, as the operator's hook was then. It is
/// sealed and committed with the intent to run: a crash leaves no running call without it.
///
/// @param act takes the call back; its places are filled when it does
/// @param before what the hook read; empty where it read nothing, or there was nothing
/// @param check tells whether somebody changed since what the call left; empty for a correction
/// @param again true where `check` asks what was read before
/// @param touches names of what the call is about, as [Extent#touches]
/// @param until when it is over
public record RestorePoint(
        UndoHook.Act act,
        Optional<JsonObject> before,
        Optional<UndoHook.Look> check,
        boolean again,
        List<String> touches,
        Instant until) {
    private static final long VERSION = 1;

    public RestorePoint {
        touches = List.copyOf(touches);
    }

    public JsonObject json() {
        var json = JsonObject.builder()
                .with("v", VERSION)
                .with("tool", act.tool().toString())
                .with("args", act.args().source())
                .with("until", until.toString());
        before.ifPresent(found -> json.with("before", found));
        check.ifPresent(look -> json.with(
                "check",
                JsonObject.with("tool", look.tool().toString())
                        .with("args", look.args().source())
                        .with("absentWhen", look.absentWhen().map(UndoHook.Absence::words))
                        .build()));
        if (again) json.with("again", true);
        if (!touches.isEmpty()) json.with("touches", JsonArray.ofTexts(touches));
        return json.build();
    }

    /// What was found before, where `check` would find the same again once the call is taken back.
    public Optional<Image> was() {
        if (!again) return Optional.empty();
        return Optional.of(before.<Image>map(Image.Present::new).orElseGet(Image.Absent::new));
    }

    /// @return empty where it is of a version that this program does not know
    public static Optional<RestorePoint> of(JsonObject json) {
        if (json.integer("v").orElse(0) != VERSION) return Optional.empty();
        return Optional.of(new RestorePoint(
                new UndoHook.Act(
                        ToolName.parse(json.text("tool").orElseThrow()),
                        new Template(json.object("args").orElseThrow())),
                json.object("before"),
                json.object("check")
                        .map(look -> new UndoHook.Look(
                                ToolName.parse(look.text("tool").orElseThrow()),
                                new Template(look.object("args").orElseThrow()),
                                look.text("absentWhen").map(UndoHook.Absence::new))),
                json.isTrue("again"),
                json.array("touches").map(JsonArray::texts).orElse(List.of()),
                Instant.parse(json.text("until").orElseThrow())));
    }

    /// True where taking the call back needs what the call answered.
    public boolean usesResult() {
        return act.args().roots().contains("result")
                || check.filter(look -> look.args().roots().contains("result")).isPresent();
    }
}
