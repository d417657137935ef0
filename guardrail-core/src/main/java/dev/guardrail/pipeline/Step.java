package dev.guardrail.pipeline;

/// Where a stage leads.
public sealed interface Step<B> {

    /// On to the next stage.
    record Next<B>(B value) implements Step<B> {}

    /// The path ends here.
    record Done<B>(Reply reply) implements Step<B> {}

    /// Something that the decision stood on changed before it was durable: the call starts again at identify. Nothing
    /// was
    /// written.
    record Again<B>() implements Step<B> {}
}
