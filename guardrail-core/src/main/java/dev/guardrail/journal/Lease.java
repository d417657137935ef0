package dev.guardrail.journal;

import dev.guardrail.base.GuardrailException;
import dev.guardrail.base.ProblemType;
import dev.guardrail.base.Sha256;
import dev.guardrail.call.CallId;
import java.util.concurrent.atomic.AtomicBoolean;

/// The right to run one permitted call, once, before it expires. Only [Journal] makes one, after the entry is durable.
public final class Lease {
    private final CallId call;
    private final Receipt entry;
    private final Sha256 fingerprint;
    private final long deadlineNanos;
    private final AtomicBoolean taken = new AtomicBoolean();

    /// @param deadlineNanos on the boot's monotonic clock
    Lease(CallId call, Receipt entry, Sha256 fingerprint, long deadlineNanos) {
        this.call = call;
        this.entry = entry;
        this.fingerprint = fingerprint;
        this.deadlineNanos = deadlineNanos;
    }

    public CallId call() {
        return call;
    }

    public Receipt entry() {
        return entry;
    }

    /// Uses the lease up for the call with this fingerprint.
    ///
    /// @throws LeaseSpent if taken before, if it is for another call, or if `nowNanos` is at or past the deadline
    public void take(Sha256 asked, long nowNanos) {
        if (!fingerprint.equals(asked) || nowNanos - deadlineNanos >= 0 || !taken.compareAndSet(false, true))
            throw new LeaseSpent(call);
    }

    /// A lease was presented a second time, too late, or for another call.
    public static final class LeaseSpent extends GuardrailException {
        private static final long serialVersionUID = 1L;

        LeaseSpent(CallId call) {
            super(ProblemType.LEASE_SPENT, "the right to run `" + call + "` is spent; propose the call again");
        }
    }
}
