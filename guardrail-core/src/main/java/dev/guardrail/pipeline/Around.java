package dev.guardrail.pipeline;

/// Wraps every stage of the path: timing, tracing. It must call the stage exactly once and give back what it gave.
public interface Around {
    /// Adds nothing.
    Around NOTHING = new Around() {
        @Override
        public <A, B> Stage<A, B> stage(String name, Stage<A, B> stage) {
            return stage;
        }
    };

    <A, B> Stage<A, B> stage(String name, Stage<A, B> stage);
}
