package dev.guardrail.pipeline;

/// One step of the path of a call: goes on with what the next stage takes, or ends with a reply.
@FunctionalInterface
public interface Stage<A, B> {
    Step<B> apply(A input);

    /// This stage, and `next` where it goes on.
    default <C> Stage<A, C> then(Stage<? super B, C> next) {
        return input -> switch (apply(input)) {
            case Step.Next<B>(B value) -> next.apply(value);
            case Step.Done<B>(Reply reply) -> new Step.Done<>(reply);
            case Step.Again<B> again -> new Step.Again<>();
        };
    }
}
