package dev.guardrail.pipeline;

import dev.guardrail.call.DecisionRequest;
import dev.guardrail.journal.CallRecord;
import dev.guardrail.journal.Lease;
import dev.guardrail.registry.SessionRegistry;
import dev.guardrail.undo.RestorePoint;
import java.util.Optional;

/// A call with the durable right to run.
///
/// @param version of the call's document
/// @param session as it was when the call was permitted
/// @param point what is kept to take the call back
/// @param owed where the outcome waits for the next intent, if it may
record Leased(
        DecisionRequest request,
        Attendance attendance,
        CallRecord call,
        long version,
        SessionRegistry.Versioned session,
        Lease lease,
        Optional<RestorePoint> point,
        Optional<Owed> owed) {}
