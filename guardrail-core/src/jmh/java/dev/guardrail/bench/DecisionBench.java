package dev.guardrail.bench;

import dev.guardrail.condition.Facts;
import dev.guardrail.pack.PolicyPack;
import dev.guardrail.policy.Decision;
import dev.guardrail.policy.DecisionPoint;
import dev.guardrail.policy.Verdict;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// One decision of workload W1 with its full result, and the loading of its rules.
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 10, time = 1)
@Fork(2)
public class DecisionBench {

    /// The rules in force and the requests; refuses to measure a decision point that decides wrongly.
    @State(Scope.Thread)
    public static class Loaded {
        @Param({"10", "100", "1000", "10000"})
        public int rules;

        private DecisionPoint decisions = new DecisionPoint(dev.guardrail.policy.PolicySet.EMPTY);
        private Facts[] requests = {};
        private int next;

        @Setup(Level.Trial)
        public void load() {
            var workload = new WorkloadOne(rules);
            decisions = new DecisionPoint(workload.pack().policies());
            requests = workload.requests().toArray(Facts[]::new);
            int wrong = 0;
            for (int i = 0; i < requests.length; i++) {
                boolean allowed = decisions.decide(requests[i], List.of()).decision() instanceof Decision.Allow;
                if (allowed != workload.expected().get(i)) wrong++;
            }
            if (wrong > 0) throw new IllegalStateException(wrong + " of " + requests.length + " decided wrongly");
        }

        Verdict decide() {
            Facts request = requests[next];
            next = next + 1 == requests.length ? 0 : next + 1;
            return decisions.decide(request, List.of());
        }
    }

    /// The rules as text.
    @State(Scope.Benchmark)
    public static class Written {
        @Param({"1000", "10000"})
        public int rules;

        private WorkloadOne workload = new WorkloadOne(10);

        @Setup(Level.Trial)
        public void write() {
            workload = new WorkloadOne(rules);
        }
    }

    @Benchmark
    public Verdict decide(Loaded loaded) {
        return loaded.decide();
    }

    @Benchmark
    @BenchmarkMode(Mode.SingleShotTime)
    @OutputTimeUnit(TimeUnit.MILLISECONDS)
    @Warmup(iterations = 3)
    @Measurement(iterations = 5)
    public PolicyPack load(Written written) {
        return written.workload.pack();
    }
}
