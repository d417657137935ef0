package dev.guardrail.approval;

/// Room for one more ticket in an agent's share of the queue; given back when closed, unless it was taken.
public final class Place implements AutoCloseable {
    private final Runnable back;
    private boolean taken;

    Place(Runnable back) {
        this.back = back;
    }

    /// The ticket is durable: the place is its own until it is no longer pending.
    public void take() {
        taken = true;
    }

    @Override
    public void close() {
        if (!taken) back.run();
    }
}
