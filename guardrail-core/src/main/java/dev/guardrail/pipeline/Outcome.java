package dev.guardrail.pipeline;

import dev.guardrail.base.Json;
import dev.guardrail.base.ProblemType;

/// What running a call came to.
public sealed interface Outcome {

    /// The tool ran and answered.
    ///
    /// @param ok false where the tool reports an error of its own
    record Answered(Json result, boolean ok) implements Outcome {}

    /// It certainly did not run: refused before anything left for the upstream, or never reached it.
    record NotRun(ProblemType type, String detail) implements Outcome {}

    /// It may have run: the request left, and no answer that counts came back.
    record Lost(ProblemType type, String detail) implements Outcome {}
}
