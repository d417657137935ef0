package dev.guardrail.server.bench;

import dev.guardrail.call.SessionId;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;

/// Sessions that are undone (docs/performance.md): many calls about different things, and many about one, in relation
/// to as many direct calls with an fdatasync each; in growing numbers; and side by side in relation to one by one. Ends
/// with 1 beyond a gate.
///
/// Arguments: a directory on the disk to measure, and the largest number of calls (default 10,000).
final class UndoBench {
    private static final Duration SLOW = Duration.ofMillis(5);
    private static final Duration LOCAL = Duration.ofMillis(1);
    private static final int WARM = 2_000;
    private static final int SLOW_CALLS = 400;
    private static final double MOST_RATIO = 1.5;
    private static final double MOST_GROWTH = 1.5;
    private static final double LEAST_GAIN = 4;

    private final Path directory;
    private boolean met = true;

    private UndoBench(Path directory) {
        this.directory = directory;
    }

    public static void main(String[] arguments) throws Exception {
        Path directory = Files.createTempDirectory(Path.of(arguments.length > 0 ? arguments[0] : "target"), "undo-");
        int largest = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 10_000;
        say("load " + Files.readString(Path.of("/proc/loadavg")).strip());
        var bench = new UndoBench(directory);
        bench.own();
        bench.slow();
        bench.growing(largest);
        System.exit(bench.met ? 0 : 1);
    }

    /// An upstream that takes 5 ms: its time is what there is to be gained.
    private void slow() throws Exception {
        double apart;
        double direct;
        try (var guard = new UndoGuard(Files.createDirectory(directory.resolve("apart")), SLOW)) {
            each(guard, WARM / 10, true);
            direct = direct(guard, 200) + Disk.micros(directory);
            apart = each(guard, SLOW_CALLS, true);
        }
        double same;
        double single;
        try (var guard = new UndoGuard(Files.createDirectory(directory.resolve("same")), SLOW)) {
            each(guard, WARM / 10, false);
            same = each(guard, SLOW_CALLS, false);
            single = 0;
            for (int i = 0; i < SLOW_CALLS; i++) single += each(guard, 1, true) / SLOW_CALLS;
        }
        say(String.format(
                Locale.ROOT,
                "5 ms upstream, us a call: direct and fdatasync %.0f, undone about different things %.0f, one by one %.0f, about one thing %.0f",
                direct,
                apart,
                single,
                same));
        gate("5 ms upstream, different things, ratio to direct", apart / direct, MOST_RATIO, true);
        gate("5 ms upstream, one thing, ratio to direct", same / direct, MOST_RATIO, true);
        gate("5 ms upstream, gain of side by side", single / apart, LEAST_GAIN, false);
    }

    /// An upstream that takes no time: what is left is the guard's own.
    private void own() throws Exception {
        try (var guard = new UndoGuard(Files.createDirectory(directory.resolve("own")), Duration.ZERO)) {
            each(guard, WARM, true);
            each(guard, WARM, false);
            said("the guard's own, us a call, different things", each(guard, WARM, true));
            said("the guard's own, us a call, one thing", each(guard, WARM, false));
            said("fdatasync, us", Disk.micros(directory));
        }
    }

    /// An upstream that takes 1 ms, as a local server about does.
    private void growing(int largest) throws Exception {
        try (var guard = new UndoGuard(Files.createDirectory(directory.resolve("growing")), LOCAL)) {
            each(guard, WARM, true);
            each(guard, WARM, false);
            double first = 0;
            for (int calls = 100; calls <= largest; calls *= 10) {
                double direct = direct(guard, 200) + Disk.micros(directory);
                double apart = each(guard, calls, true);
                double same = each(guard, calls, false);
                if (first == 0) first = Math.max(apart, 1);
                say(String.format(
                        Locale.ROOT,
                        "1 ms upstream, %d calls, us a call: direct and fdatasync %.0f, undone about different things %.0f, about one %.0f",
                        calls,
                        direct,
                        apart,
                        same));
                gate(calls + " calls, different things, ratio to direct", apart / direct, MOST_RATIO, true);
                gate(calls + " calls, one thing, ratio to direct", same / direct, MOST_RATIO, true);
                gate(calls + " calls, us a call in relation to 100 calls", apart / first, MOST_GROWTH, true);
            }
        }
    }

    /// Microseconds of wall time for each of so many calls that are undone at once.
    private static double each(UndoGuard guard, int calls, boolean apart) {
        int series = guard.series();
        var before = new String[calls];
        SessionId session = null;
        for (int i = 0; i < calls; i++) {
            before[i] = guard.cell(name(i, apart));
            session = guard.set(series, name(i, apart), "value-" + System.nanoTime());
        }
        if (session == null) throw new IllegalArgumentException("no calls");
        long start = System.nanoTime();
        guard.undo(session, calls);
        double each = (System.nanoTime() - start) / 1e3 / calls;
        for (int i = 0; i < calls; i++)
            if ((apart || i == 0) && !guard.cell(name(i, apart)).equals(before[i]))
                throw new IllegalStateException(name(i, apart) + " is not as it was");
        return each;
    }

    private static String name(int call, boolean apart) {
        return apart ? "cell-" + call : "cell";
    }

    /// Microseconds of a call past the guard.
    private static double direct(UndoGuard guard, int calls) {
        double[] times = new double[calls];
        for (int i = 0; i < calls; i++) {
            long start = System.nanoTime();
            guard.direct("past", "value-" + i);
            times[i] = (System.nanoTime() - start) / 1e3;
        }
        return Disk.median(times);
    }

    private void gate(String what, double figure, double bound, boolean most) {
        boolean fits = most ? figure <= bound : figure >= bound;
        met &= fits;
        say(String.format(
                Locale.ROOT,
                "%s: %.2f (gate %s %.1f) %s",
                what,
                figure,
                most ? "at most" : "at least",
                bound,
                fits ? "met" : "NOT MET"));
    }

    private static void said(String what, double figure) {
        say(String.format(Locale.ROOT, "%s: %.2f", what, figure));
    }

    private static void say(String line) {
        System.out.println(line);
    }
}
