package dev.guardrail.server.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/// A process of ours under load: the sidecar as `serve` starts it, or an upstream.
record Guarded(Process process, URI url, double readySeconds) implements AutoCloseable {
    static final String AGENT_KEY = "grd_bench_agent_key_0123456789abcdef";
    static final String OPERATOR_KEY = "grd_bench_operator_key_0123456789ab";

    /// Starts `serve` on a configuration of its own and waits for its first answer.
    ///
    /// @param servers `servers:` of the configuration, two blanks indented
    /// @param policy text of the one policy file
    static Guarded serve(Path directory, String servers, String policy) throws IOException, InterruptedException {
        return serve(directory, servers, policy, "");
    }

    /// @param people further `operators:`, two blanks indented, with keys of their own
    static Guarded serve(Path directory, String servers, String policy, String people)
            throws IOException, InterruptedException {
        int port = freePort();
        write(directory.resolve("policy.yaml"), policy);
        Path configuration = write(
                directory.resolve("guardrail.yaml"),
                "listen: 127.0.0.1:" + port + "\ndata: ./data\npolicies: [./policy.yaml]\nservers:\n" + servers
                        + "agents:\n  - {name: bench, key: {file: ./agent.key}, roles: [role_0, role_1]}\n"
                        + "operators:\n  - {name: op, key: {file: ./op.key}, roles: [approver, auditor, admin]}\n"
                        + people);
        write(directory.resolve("agent.key"), AGENT_KEY);
        write(directory.resolve("op.key"), OPERATOR_KEY);
        var url = URI.create("http://127.0.0.1:" + port);
        List<String> command =
                java("dev.guardrail.server.cli.Guardrail", "serve", "--config", configuration.toString());
        return started(command, directory.resolve("serve.log"), url, "/health/live", code -> code == 200);
    }

    /// Starts another main class that takes a port as its first argument.
    static Guarded other(Class<?> main, Path directory) throws IOException, InterruptedException {
        int port = freePort();
        var url = URI.create("http://127.0.0.1:" + port);
        Path log = directory.resolve(main.getSimpleName() + ".log");
        return started(java(main.getName(), Integer.toString(port)), log, url, "/", code -> true);
    }

    private static Guarded started(List<String> command, Path log, URI url, String path, Predicate<Integer> ready)
            throws IOException, InterruptedException {
        long start = System.nanoTime();
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        long end = start + TimeUnit.SECONDS.toNanos(120);
        try (var http = HttpClient.newHttpClient()) {
            var request = HttpRequest.newBuilder(url.resolve(path)).GET().build();
            while (System.nanoTime() < end && process.isAlive()) {
                try {
                    if (ready.test(http.send(request, HttpResponse.BodyHandlers.discarding())
                            .statusCode())) return new Guarded(process, url, (System.nanoTime() - start) / 1e9);
                } catch (IOException notYet) {
                    TimeUnit.MILLISECONDS.sleep(5);
                }
            }
        }
        process.destroyForcibly();
        throw new IOException("it did not come up:\n" + Files.readString(log));
    }

    static List<String> java(String... arguments) {
        var command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:+UseCompactObjectHeaders",
                "-Xmx256m",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path")));
        command.addAll(List.of(arguments));
        return command;
    }

    /// CPU seconds that the process used so far (proc(5), `stat`: utime and stime in ticks of 10 ms).
    double cpuSeconds() {
        try {
            String stat = Files.readString(Path.of("/proc", Long.toString(process.pid()), "stat"));
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / 100.0;
        } catch (IOException gone) {
            throw new UncheckedIOException(gone);
        }
    }

    long residentMegabytes() throws IOException {
        return Files.readAllLines(Path.of("/proc", Long.toString(process.pid()), "status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024)
                .findFirst()
                .orElse(0);
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    static Path write(Path file, String text) throws IOException {
        Files.writeString(file, text);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(40, TimeUnit.SECONDS)) process.destroyForcibly();
        } catch (InterruptedException stopped) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
