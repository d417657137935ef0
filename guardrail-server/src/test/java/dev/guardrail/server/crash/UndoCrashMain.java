package dev.guardrail.server.crash;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// The long form: arguments are the number of kills, the seed, and a directory. It tells after every ten.
final class UndoCrashMain {
    private static final int STEP = 10;

    private UndoCrashMain() {}

    public static void main(String[] arguments) throws Exception {
        int kills = Integer.parseInt(arguments[0]);
        Path directory = Files.createTempDirectory(Path.of(arguments[2]), "undo-crash");
        long start = System.nanoTime();
        List<String> faults = List.of();
        try (var rounds = new UndoRounds(directory, Long.parseLong(arguments[1]))) {
            for (int done = 0; done < kills && faults.isEmpty(); done += STEP) {
                faults = rounds.run(STEP);
                System.out.println(rounds + ", in " + (System.nanoTime() - start) / 1_000_000_000 + " s");
            }
            System.out.println(
                    faults.isEmpty() ? "every promise was kept; never hit: " + rounds.missed() : "BROKEN: " + faults);
        }
        System.exit(faults.isEmpty() ? 0 : 1);
    }
}
