package dev.guardrail.condition;

/// A total predicate over [Facts]: it answers within a bound and never throws.
public sealed interface Condition permits Condition.Always, Lowered, CelCondition {

    /// The condition of a rule without `when`.
    Condition ALWAYS = new Always();

    Truth test(Facts facts);

    /// True where it reads `path.*`: the paths among the arguments must then be resolved before the decision.
    boolean readsPaths();

    /// True where its answer can turn without a change of arguments: it reads the calls so far or the time.
    boolean canTurn();

    /// True where it reads `session.irreversible`: while such a rule is in force, such calls are counted.
    boolean readsIrreversible();

    /// True, always.
    record Always() implements Condition {
        @Override
        public Truth test(Facts facts) {
            return Truth.TRUE;
        }

        @Override
        public boolean readsPaths() {
            return false;
        }

        @Override
        public boolean canTurn() {
            return false;
        }

        @Override
        public boolean readsIrreversible() {
            return false;
        }
    }
}
