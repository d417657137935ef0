package dev.guardrail.pipeline;

import dev.guardrail.base.ProblemType;
import dev.guardrail.journal.Journal;
import dev.guardrail.journal.Lease;
import java.util.Optional;

/// Takes the lease and runs the call, confined and under a deadline. Whatever goes wrong after the lease was taken, the
/// call counts as one that may have run.
///
/// A crash here leaves an intent without an outcome: recovery marks the call in doubt.
record Execute(Journal journal, Runner runner, Running running, Witness witness) implements Stage<Leased, Finished> {

    @Override
    public Step<Finished> apply(Leased leased) {
        long start = journal.nanos();
        Outcome outcome;
        try {
            leased.lease().take(leased.request().fingerprint(), start);
            outcome = run(leased);
        } catch (Lease.LeaseSpent tooLate) {
            outcome = new Outcome.NotRun(ProblemType.LEASE_SPENT, String.valueOf(tooLate.getMessage()));
        }
        boolean stopped = running.stopped(leased.call().id()).isDone();
        return new Step.Next<>(new Finished(
                leased, stopped ? stopped(outcome) : outcome, stopped, journal.nanos() - start, Optional.empty()));
    }

    /// The same outcome in the words of an operator's stop; what the upstream attests stays as it is.
    private static Outcome stopped(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Answered answered -> answered;
            case Outcome.NotRun(ProblemType type, var detail) ->
                new Outcome.NotRun(type, "an operator stopped it before it could run; it did not run");
            case Outcome.Lost(ProblemType type, var detail) ->
                new Outcome.Lost(type, "an operator stopped it while it ran; how far it came is not known");
        };
    }

    @SuppressWarnings("CatchThrowable") // law: no fault of a runner may leave a call without an outcome
    private Outcome run(Leased leased) {
        var attendance = leased.attendance().until(running.stopped(leased.call().id()));
        if (attendance.left().isDone())
            return new Outcome.NotRun(
                    ProblemType.CONFLICT, "its client left before the call could run; it did not run");
        try {
            return runner.run(leased.lease(), leased.request(), attendance);
        } catch (Throwable fault) {
            witness.faulted("execute", fault);
            return new Outcome.Lost(ProblemType.INTERNAL, "running the call failed inside the guard; it may have run");
        }
    }
}
