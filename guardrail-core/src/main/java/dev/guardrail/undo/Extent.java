package dev.guardrail.undo;

import java.util.List;

/// What a call was about.
///
/// @param server of its tool
/// @param touches names of resources, as [Compensator.Look.Seen#touches]; none where nobody said, which is the
///     whole server
public record Extent(String server, List<String> touches) {
    public Extent {
        touches = List.copyOf(touches);
    }
}
