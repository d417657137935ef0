package dev.guardrail.server.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/// How long a host waits for `stdio`: from the start of the launcher to the answer to its first message, beside the
/// start of a bare JVM and, where one is named, of another MCP server that speaks on its standard streams. The
/// sidecar runs already and has been asked before. Arguments: the launcher, rounds, the other server's command.
final class BridgeStart {
    private static final String INITIALIZE = "{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"initialize\",\"params\":"
            + "{\"protocolVersion\":\"2025-11-25\",\"capabilities\":{},\"clientInfo\":{\"name\":\"b\",\"version\":\"1\"}}}\n";
    private static final int WARM_UP = 3;

    private BridgeStart() {}

    public static void main(String[] arguments) throws Exception {
        int rounds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 10;
        List<String> other = Arrays.asList(arguments).subList(Math.min(2, arguments.length), arguments.length);
        Path home = Files.createTempDirectory("bridge-");
        Files.createDirectory(home.resolve("room"));
        String policy = """
                apiVersion: guardrail/v1
                kind: Policy
                metadata: {name: start}
                rules:
                  - {id: reads, match: {tools: [workspace.fs_read]}, effect: allow}
                """;
        try (var guard = Guarded.serve(
                home, "  workspace: {builtin: workspace, root: " + home.resolve("room") + "}\n", policy)) {
            List<String> bridge = List.of(
                    arguments[0],
                    "stdio",
                    "workspace",
                    "--url",
                    guard.url().toString(),
                    "--key-file",
                    home.resolve("agent.key").toString());
            List<String> bare = List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-version");
            for (int i = 0; i < WARM_UP; i++) talk(bridge);
            var starts = new ArrayList<Talk>();
            var others = new ArrayList<Talk>();
            var bares = new ArrayList<Double>();
            for (int i = 0; i < rounds; i++) {
                starts.add(talk(bridge));
                bares.add(bare(bare));
                if (!other.isEmpty()) others.add(talk(other));
            }
            System.out.println(
                    "load " + Files.readString(Path.of("/proc/loadavg")).strip());
            say("stdio", starts);
            if (!other.isEmpty()) say("other", others);
            System.out.println(line("java -version", bares));
        }
    }

    /// @param ready milliseconds to the first answer
    /// @param end milliseconds from the end of the input to that of the process
    /// @param cpu milliseconds of processor time until the first answer
    private record Talk(double ready, double end, double cpu) {}

    private static Talk talk(List<String> command) throws IOException, InterruptedException {
        long start = System.nanoTime();
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (var out = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            process.getOutputStream().write(INITIALIZE.getBytes(StandardCharsets.UTF_8));
            process.getOutputStream().flush();
            String answer = String.valueOf(out.readLine());
            double ready = millis(start);
            if (!answer.contains("\"result\"")) throw new IOException("it answered " + answer);
            double cpu = process.info().totalCpuDuration().orElse(Duration.ZERO).toNanos() / 1e6;
            long closed = System.nanoTime();
            process.getOutputStream().close();
            if (!process.waitFor(10, TimeUnit.SECONDS)) throw new IOException("it does not end");
            return new Talk(ready, millis(closed), cpu);
        } finally {
            process.destroyForcibly();
        }
    }

    private static double bare(List<String> command) throws IOException, InterruptedException {
        long start = System.nanoTime();
        new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
        return millis(start);
    }

    private static double millis(long since) {
        return (System.nanoTime() - since) / 1e6;
    }

    private static void say(String what, List<Talk> talks) {
        System.out.println(line(what + " ready", talks.stream().map(Talk::ready).toList()));
        System.out.println(
                line(what + " processor", talks.stream().map(Talk::cpu).toList()));
        System.out.println(line(what + " end", talks.stream().map(Talk::end).toList()));
    }

    private static String line(String what, List<Double> figures) {
        var sorted = figures.stream().sorted().toList();
        return String.format(
                Locale.ROOT,
                "%-16s p50 %.0f ms, min %.0f, max %.0f",
                what,
                sorted.get(sorted.size() / 2),
                sorted.getFirst(),
                sorted.getLast());
    }
}
