package dev.guardrail.pipeline;

import dev.guardrail.call.DecisionRequest;
import dev.guardrail.journal.CallRecord;
import dev.guardrail.journal.Lease;
import dev.guardrail.registry.SessionRegistry;

/// A call with the durable right to run.
///
/// @param version of the call's document
/// @param session as it was when the call was permitted
record Leased(
        DecisionRequest request,
        Attendance attendance,
        CallRecord call,
        long version,
        SessionRegistry.Versioned session,
        Lease lease) {}
