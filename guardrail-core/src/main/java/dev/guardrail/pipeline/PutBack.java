package dev.guardrail.pipeline;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonObject;
import dev.guardrail.call.Template;
import dev.guardrail.call.ToolName;
import dev.guardrail.call.UndoHook;
import dev.guardrail.undo.Image;
import dev.guardrail.undo.RestorePoint;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/// What the guard has just put back itself, where looking would show it. Of calls about one thing, the one that is
/// taken back next has left just that: it need not be looked at again. Every undo has the time between its look and its
/// own run; this is that time once more, and no longer.
///
/// @param tool that looks
/// @param arguments with which it looks
/// @param image what it would find
/// @param at when putting it back began, in nanoseconds of the journal's ticker
record PutBack(ToolName tool, JsonObject arguments, Image image, long at) {
    /// How long it counts.
    static final Duration FRESH = Duration.ofMillis(500);

    /// @param roots what the call's places are filled with
    /// @return empty where what was there before is not what a look would find, or nobody knows with what to look
    static Optional<PutBack> of(RestorePoint point, Map<String, Json> roots, long at) {
        if (point.was().isEmpty() || point.check().isEmpty()) return Optional.empty();
        UndoHook.Look look = point.check().get();
        return asked(look, roots)
                .map(arguments ->
                        new PutBack(look.tool(), arguments, point.was().get(), at));
    }

    /// True where the look would find this.
    boolean answers(UndoHook.Look look, Map<String, Json> roots, long now) {
        return now - at <= FRESH.toNanos()
                && look.tool().equals(tool)
                && asked(look, roots).filter(arguments::equals).isPresent();
    }

    /// What a look asks about; what its server found before belongs to the call, not to what is asked about.
    private static Optional<JsonObject> asked(UndoHook.Look look, Map<String, Json> roots) {
        return look.args().fill(roots) instanceof Template.Filled.Whole(JsonObject arguments)
                ? Optional.of(look.tool().isUndo() ? arguments.without(ToolName.AGAIN) : arguments)
                : Optional.empty();
    }
}
