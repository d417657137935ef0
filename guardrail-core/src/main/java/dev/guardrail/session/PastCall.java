package dev.guardrail.session;

import dev.guardrail.base.JsonObject;
import dev.guardrail.call.ToolName;
import java.time.Instant;

/// One call of the session with an outcome that guard or host attest.
public record PastCall(ToolName tool, JsonObject arguments, boolean ok, Instant time) {}
