package dev.guardrail.session;

import dev.guardrail.base.JsonObject;
import dev.guardrail.call.ToolName;
import java.time.Instant;

/// One call of the session with an outcome that guard or host attest.
///
/// @param known false where the arguments are too large to keep, erased, or held a secret: a condition that reads them
///     fails then
public record PastCall(ToolName tool, JsonObject arguments, boolean ok, Instant time, boolean known) {

    public PastCall(ToolName tool, JsonObject arguments, boolean ok, Instant time) {
        this(tool, arguments, ok, time, true);
    }

    /// A call whose arguments nobody can tell any more.
    public static PastCall unknown(ToolName tool, boolean ok, Instant time) {
        return new PastCall(tool, JsonObject.EMPTY, ok, time, false);
    }
}
