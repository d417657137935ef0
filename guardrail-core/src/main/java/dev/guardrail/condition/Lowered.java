package dev.guardrail.condition;

/// A condition made of plain predicates: what common comparisons become, with exactly the answers of CEL.
record Lowered(Predicate predicate, boolean readsPaths, boolean canTurn, boolean readsIrreversible)
        implements Condition {

    @Override
    public Truth test(Facts facts) {
        try {
            return predicate.test(facts);
        } catch (RuntimeException | StackOverflowError failed) {
            return Truth.ERROR;
        }
    }
}
