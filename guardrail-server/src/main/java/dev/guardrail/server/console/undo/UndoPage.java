package dev.guardrail.server.console.undo;

import java.util.List;

/// What can be taken back now, and what cannot, those that ran last first.
///
/// @param open can be taken back, or somebody is at it
/// @param fixed cannot
/// @param older address of what ran earlier; empty where nothing did
/// @param undoer true where the visitor may take calls back
/// @param first true for what ran last of all
public record UndoPage(List<StepRow> open, List<StepRow> fixed, String older, boolean undoer, boolean first) {
    public UndoPage {
        open = List.copyOf(open);
        fixed = List.copyOf(fixed);
    }
}
