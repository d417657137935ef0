package dev.guardrail.server.crash;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// The long form: arguments are the number of kills, the number of power cuts, the seed, and a directory.
final class CrashMain {
    private CrashMain() {}

    public static void main(String[] arguments) throws Exception {
        int kills = Integer.parseInt(arguments[0]);
        int cuts = Integer.parseInt(arguments[1]);
        long seed = Long.parseLong(arguments[2]);
        Path directory = Files.createTempDirectory(Path.of(arguments[3]), "crash");
        long start = System.nanoTime();
        var rounds = new KillRounds(Files.createDirectory(directory.resolve("kills")), Plant.NONE, seed);
        List<String> faults = rounds.run(kills);
        report("kill -9", rounds, faults, start);
        start = System.nanoTime();
        var power = new PowerCuts(Files.createDirectory(directory.resolve("cuts")), Plant.NONE, seed);
        List<String> lost = power.run(cuts);
        report("power cut", power, lost, start);
        System.exit(faults.isEmpty() && lost.isEmpty() ? 0 : 1);
    }

    private static void report(String what, Object figures, List<String> faults, long start) {
        System.out.println(what + ", " + figures + ", in " + (System.nanoTime() - start) / 1_000_000_000 + " s");
        System.out.println(faults.isEmpty() ? "  every promise was kept" : "  BROKEN: " + faults);
    }
}
