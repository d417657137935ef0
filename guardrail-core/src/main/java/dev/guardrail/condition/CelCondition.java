package dev.guardrail.condition;

import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.Program;

/// A condition that runs on CEL.
record CelCondition(Program program, boolean readsPaths, boolean canTurn, boolean readsIrreversible)
        implements Condition {

    @Override
    public Truth test(Facts facts) {
        try {
            Object answer = Evaluation.run(program, facts);
            return answer instanceof Boolean flag ? Truth.of(flag) : Truth.ERROR;
        } catch (CelEvaluationException | RuntimeException | StackOverflowError failed) {
            return Truth.ERROR;
        }
    }
}
