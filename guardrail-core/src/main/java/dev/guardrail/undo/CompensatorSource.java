package dev.guardrail.undo;

import dev.guardrail.base.JsonObject;
import java.io.IOException;

/// A class of the operator's that opens compensators for what the guard knows nothing about. It is public, has a public
/// constructor without parameters, and is found by [java.util.ServiceLoader]: its jar names it in
/// `META-INF/services/dev.guardrail.undo.CompensatorSource`.
public interface CompensatorSource {

    /// As `provider:` of a server in `guardrail.yaml` names it; no other source has the same.
    String name();

    /// @param settings what stands under the server's `with:`; empty where nothing does
    /// @throws IOException where it does not know them, or what it is about is not there. The message is shown to
    ///     whoever starts the guard, and nothing is started
    Compensator open(JsonObject settings) throws IOException;
}
