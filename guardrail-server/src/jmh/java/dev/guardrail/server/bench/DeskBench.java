package dev.guardrail.server.bench;

import dev.guardrail.call.CallId;
import dev.guardrail.call.Caller;
import dev.guardrail.pipeline.Reply;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;

/// Calls that wait for people (docs/performance.md): heap of each, with and without a client that waits; from a vote to
/// the call's arrival at the upstream; arming them again after kill -9; and one agent that asks without end. Ends with
/// 1 beyond a gate.
///
/// Arguments: a directory on the disk to measure, and how many wait (default 10,000).
final class DeskBench {
    private static final int SHARE = 50;
    private static final int VOTES = 1_000;
    private static final int WARM = 300;

    /// Votes before any is measured: fewer leave half of the path to the interpreter.
    private static final int WARM_VOTES = 5_000;
    private static final double MOST_HEAP = 10 * 1024;
    private static final double MOST_MICROS = 1_000;
    private static final double MOST_ARMING_SECONDS = 1;

    private boolean met = true;

    private DeskBench() {}

    public static void main(String[] arguments) throws Exception {
        if (arguments.length > 2) {
            child(arguments[2], Path.of(arguments[0]), Integer.parseInt(arguments[1]));
            return;
        }
        Path directory = Files.createTempDirectory(Path.of(arguments.length > 0 ? arguments[0] : "target"), "desk-");
        int pending = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 10_000;
        var bench = new DeskBench();
        say("load " + Files.readString(Path.of("/proc/loadavg")).strip());
        bench.run(directory, pending);
        System.exit(bench.met ? 0 : 1);
    }

    private void run(Path directory, int pending) throws Exception {
        Path home = Files.createDirectory(directory.resolve("pending"));
        List<String> held = killed(home, pending, "hold");
        held.forEach(DeskBench::say);
        gate("heap of each that waits, bytes", number(held, "each"), MOST_HEAP);
        gate("heap of each with a client that waits, bytes", number(held, "awaited"), MOST_HEAP);
        List<String> again = killed(home, pending, "arm");
        again.forEach(DeskBench::say);
        gate("armed again after kill -9, seconds", number(again, "armed"), MOST_ARMING_SECONDS);
        if (number(again, "waiting") != pending) throw new IllegalStateException("some were lost");
        double floor = number(again, "fdatasync");
        gate("vote to upstream without one fdatasync, us", number(again, "vote-to-upstream") - floor, MOST_MICROS);
        List<String> crowd = killed(Files.createDirectory(directory.resolve("crowd")), pending, "crowd");
        crowd.forEach(DeskBench::say);
        if (number(crowd, "notices") != 1 || number(crowd, "held") != 100) met = false;
    }

    private void gate(String what, double figure, double most) {
        boolean fits = figure <= most;
        met &= fits;
        say(String.format(Locale.ROOT, "%s: %.1f (gate %.0f) %s", what, figure, most, fits ? "met" : "NOT MET"));
    }

    private static double number(List<String> lines, String name) {
        return lines.stream()
                .filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("no " + name + " in " + lines));
    }

    /// Runs a part in a JVM of its own, with the flags of the sidecar, and kills it with -9 once it has said all.
    private static List<String> killed(Path home, int pending, String part) throws IOException {
        var command = new ArrayList<>(
                Guarded.java(DeskBench.class.getName(), home.toString(), Integer.toString(pending), part));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        var said = new ArrayList<String>();
        try (var reader = process.inputReader()) {
            for (String line = reader.readLine(); line != null && !line.equals("end"); line = reader.readLine())
                said.add(line);
        } finally {
            process.destroyForcibly();
        }
        return said;
    }

    private static void child(String part, Path home, int pending) throws Exception {
        var guard = new DeskGuard(home);
        switch (part) {
            case "hold" -> hold(guard, pending);
            case "arm" -> arm(guard, home, pending);
            case "crowd" -> crowd(guard, pending);
            default -> throw new IllegalArgumentException(part);
        }
        say("end");
        new CountDownLatch(1).await(); // until it is killed
    }

    private static void hold(DeskGuard guard, int pending) throws Exception {
        for (int i = 0; i < WARM; i++)
            guard.desk.cancel(ask(guard, 1_000_000 + i % 7, i).pending().ticket(), "agent");
        long before = heap();
        var calls = new ArrayList<Reply.Held>();
        for (int i = 0; i < pending; i++) calls.add(ask(guard, i / SHARE, i));
        var ids = calls.stream().map(held -> held.call().id()).toList();
        calls.clear();
        say("each " + (heap() - before) / pending);
        var clients = new ArrayList<Thread>();
        for (int i = 0; i < pending; i++) {
            int number = i;
            clients.add(
                    Thread.ofVirtual().start(() -> finish(guard, DeskGuard.agent(number / SHARE), ids.get(number))));
        }
        for (Thread client : clients) parked(client);
        say("awaited " + (heap() - before) / pending);
        say("threads " + ManagementFactory.getThreadMXBean().getThreadCount());
    }

    private static void arm(DeskGuard guard, Path home, int pending) throws Exception {
        say("armed " + guard.armed.toNanos() / 1e9);
        say("waiting " + guard.desk.rearm());
        for (int i = 0; i < WARM_VOTES; i++) vote(guard, i);
        double[] whole = new double[VOTES];
        double[] after = new double[VOTES];
        for (int i = 0; i < VOTES; i++) {
            var times = vote(guard, WARM_VOTES + i);
            whole[i] = times.whole() / 1e3;
            after[i] = times.after() / 1e3;
        }
        if (guard.reached() != VOTES + WARM_VOTES) throw new IllegalStateException("a call ran not once");
        say("vote-to-upstream " + Disk.median(whole));
        say("voter-answered-to-upstream " + Disk.median(after));
        say("fdatasync " + Disk.micros(home));
    }

    /// Nanoseconds until a call reached the upstream.
    ///
    /// @param whole from the vote on
    /// @param after from when the voter was answered; the call may be at the upstream before
    private record Times(long whole, long after) {}

    /// One more call, whose agent waits for it; it is approved, and what that took until it reached the upstream.
    private static Times vote(DeskGuard guard, int number) throws InterruptedException {
        var agent = DeskGuard.agent(500_000);
        var held = ask(guard, 500_000, 100_000_000 + number);
        var id = held.call().id();
        var waiting = Thread.ofVirtual().start(() -> finish(guard, agent, id));
        parked(waiting);
        long start = System.nanoTime();
        guard.approve(held);
        long durable = System.nanoTime();
        waiting.join();
        long reached = guard.reachedAt(id);
        return new Times(reached - start, reached - durable);
    }

    /// What a client's door does for it.
    private static Reply finish(DeskGuard guard, Caller agent, CallId call) {
        return guard.guard.finish(agent, call, Duration.ofHours(1), () -> false, DeskGuard.attendance());
    }

    private static void crowd(DeskGuard guard, int asked) throws Exception {
        for (int i = 0; i < WARM; i++)
            guard.desk.cancel(ask(guard, 1_000_000 + i % 7, i).pending().ticket(), "agent");
        long before = heap();
        int held = 0;
        int denied = 0;
        for (int i = 0; i < asked; i++)
            switch (guard.ask(DeskGuard.agent(0), i)) {
                case Reply.Held waiting -> held++;
                case Reply.Refused refused -> denied++;
                case Reply other -> throw new IllegalStateException("neither held nor denied: " + other);
            }
        say("held " + held);
        say("denied " + denied);
        say("notices " + guard.floods.get());
        say("growth-of-heap " + (heap() - before));
    }

    private static Reply.Held ask(DeskGuard guard, int agent, int number) {
        return guard.ask(DeskGuard.agent(agent), number) instanceof Reply.Held held
                ? held
                : throwing("call " + number + " is not held");
    }

    private static Reply.Held throwing(String why) {
        throw new IllegalStateException(why);
    }

    /// Returns once a thread waits for a time to come.
    private static void parked(Thread thread) throws InterruptedException {
        while (thread.getState() != Thread.State.TIMED_WAITING) Thread.sleep(1);
    }

    /// Bytes in use after a full collection.
    private static long heap() throws InterruptedException {
        for (int i = 0; i < 4; i++) {
            System.gc();
            Thread.sleep(100);
        }
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    private static void say(String line) {
        System.out.println(line);
    }
}
