package dev.guardrail.bench;

import dev.guardrail.condition.Facts;
import dev.guardrail.policy.Decision;
import dev.guardrail.policy.DecisionPoint;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.List;

/// CPU time of one decision of workload W1 by number of rules: the lowest of several cycles, which a busy machine
/// disturbs less than wall-clock time. Exits 1 where a decision is wrong or the cost grows beyond its gate: at most
/// twice, or at most 0.2 µs, from ten rules to ten thousand.
public final class DecisionCost {
    private static final int CYCLES = 15;
    private static final int DECISIONS = 300_000;
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private DecisionCost() {}

    public static void main(String[] arguments) {
        double first = 0;
        double last = 0;
        boolean right = true;
        for (int rules : new int[] {10, 100, 1_000, 10_000}) {
            var workload = new WorkloadOne(rules);
            long before = THREADS.getCurrentThreadCpuTime();
            var pack = workload.pack();
            long loadMillis = (THREADS.getCurrentThreadCpuTime() - before) / 1_000_000;
            var decisions = new DecisionPoint(pack.policies());
            int wrong = wrong(decisions, workload);
            last = micros(decisions, workload.requests().toArray(Facts[]::new));
            if (first == 0) first = last;
            right &= wrong == 0;
            System.out.printf(
                    "%,6d rules: %.3f µs CPU a decision, read in %,d ms CPU, %d wrong%n",
                    rules, last, loadMillis, wrong);
        }
        boolean flat = last <= 2 * first || last - first <= 0.2;
        System.out.printf("growth %.1f times, %+.3f µs: %s%n", last / first, last - first, flat ? "within" : "BEYOND");
        if (!flat || !right) System.exit(1);
    }

    private static int wrong(DecisionPoint decisions, WorkloadOne workload) {
        int wrong = 0;
        for (int i = 0; i < workload.requests().size(); i++) {
            boolean allowed =
                    decisions.decide(workload.requests().get(i), List.of()).decision() instanceof Decision.Allow;
            if (allowed != workload.expected().get(i)) wrong++;
        }
        return wrong;
    }

    private static double micros(DecisionPoint decisions, Facts[] requests) {
        double lowest = Double.MAX_VALUE;
        int failed = 0;
        for (int cycle = 0; cycle < CYCLES; cycle++) {
            long before = THREADS.getCurrentThreadCpuTime();
            for (int i = 0; i < DECISIONS; i++)
                failed += decisions
                        .decide(requests[i % requests.length], List.of())
                        .failed()
                        .size();
            lowest = Math.min(lowest, (THREADS.getCurrentThreadCpuTime() - before) / 1e3 / DECISIONS);
        }
        if (failed > 0) throw new IllegalStateException("a rule of the workload failed");
        return lowest;
    }
}
