package dev.guardrail.server.bench;

import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/// First figures of the running sidecar (docs/performance.md): decisions over HTTP with a durable audit, the MCP hop,
/// start-up, memory; each beside the fdatasync of the same run. Arguments: a directory on the disk to measure,
/// seconds per shot, cycles.
final class HttpBench {
    private static final String JSON =
            "Content-Type: application/json\r\nAccept: application/json, text/event-stream\r\n";

    private final Path directory;
    private final double seconds;

    private HttpBench(Path directory, double seconds) {
        this.directory = directory;
        this.seconds = seconds;
    }

    public static void main(String[] arguments) throws Exception {
        Path directory = Files.createTempDirectory(Path.of(arguments.length > 0 ? arguments[0] : "target"), "bench-");
        var bench = new HttpBench(directory, arguments.length > 1 ? Double.parseDouble(arguments[1]) : 5);
        int cycles = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 3;
        for (int cycle = 1; cycle <= cycles; cycle++) {
            say("cycle " + cycle + ", load "
                    + Files.readString(Path.of("/proc/loadavg")).strip());
            say(String.format(Locale.ROOT, "fdatasync 512 B p50 %.0f us", Disk.nanos(bench.directory) / 1e3));
            for (int rules : new int[] {10, 1_000, 10_000}) bench.decisions(rules);
            bench.hop();
        }
    }

    private void decisions(int rules) throws Exception {
        Path home = Files.createDirectory(directory.resolve("d" + rules + "-" + System.nanoTime()));
        try (var guard = Guarded.serve(home, "  w1: {caller: true}\n", W1Yaml.policy(rules))) {
            say(String.format(
                    Locale.ROOT,
                    "start-up with %d rules %.2f s, resident %d MB",
                    rules,
                    guard.readySeconds(),
                    guard.residentMegabytes()));
            var target = new Load.Target(
                    guard.url().resolve("/v1/calls"),
                    JSON + "Authorization: Bearer " + Guarded.AGENT_KEY + "\r\n",
                    number -> W1Yaml.call(rules, number));
            Load.run(target, 8, seconds);
            for (int connections : new int[] {1, 32}) {
                double before = guard.cpuSeconds();
                Load.Result result = Load.run(target, connections, seconds);
                say("decide " + rules + " rules " + result + cpu(guard, before, result));
            }
            say("resident after " + rules + " rules " + guard.residentMegabytes() + " MB");
        }
    }

    private void hop() throws Exception {
        Path home = Files.createDirectory(directory.resolve("hop-" + System.nanoTime()));
        String policy = """
                apiVersion: guardrail/v1
                kind: Policy
                metadata: {name: hop}
                rules:
                  - {id: echo, match: {tools: [up.echo]}, effect: allow}
                """;
        try (var upstream = Guarded.other(EchoUpstream.class, home);
                var guard = Guarded.serve(home, "  up: {url: \"" + upstream.url() + "/mcp\"}\n", policy)) {
            URI guarded = guard.url().resolve("/mcp/up");
            var direct = new Load.Target(upstream.url().resolve("/mcp"), JSON, HttpBench::echo);
            String bearer = JSON + "Authorization: Bearer " + Guarded.AGENT_KEY + "\r\n";
            var through = new Load.Target(guarded, bearer + session(guarded, bearer), HttpBench::echo);
            Load.run(through, 8, seconds);
            for (int connections : new int[] {1, 32}) {
                say("hop direct " + Load.run(direct, connections, seconds));
                double before = guard.cpuSeconds();
                Load.Result result = Load.run(through, connections, seconds);
                say("hop guarded " + result + cpu(guard, before, result));
            }
        }
    }

    private static String echo(long number) {
        return "{\"jsonrpc\":\"2.0\",\"id\":" + number
                + ",\"method\":\"tools/call\",\"params\":{\"name\":\"echo\",\"arguments\":{\"message\":\"hello\",\"path\":\"/data/p"
                + number + "\"}}}";
    }

    /// Opens an MCP session.
    ///
    /// @return its headers
    private static String session(URI url, String headers) throws IOException {
        String hello =
                "{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"initialize\",\"params\":{\"protocolVersion\":\"2025-11-25\","
                        + "\"capabilities\":{},\"clientInfo\":{\"name\":\"bench\",\"version\":\"1\"}}}";
        String id = ask(new Load.Target(url, headers, number -> hello)).header("mcp-session-id");
        String session = "Mcp-Session-Id: " + id + "\r\nMCP-Protocol-Version: 2025-11-25\r\n";
        ask(new Load.Target(
                url, headers + session, number -> "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}"));
        Load.Answer listed = ask(new Load.Target(
                url, headers + session, number -> "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}"));
        if (listed.status() != 200) throw new IOException("tools/list answered " + listed.status());
        return session;
    }

    private static Load.Answer ask(Load.Target target) throws IOException {
        try (var socket = new Socket(target.url().getHost(), target.url().getPort())) {
            socket.getOutputStream().write(target.request(0));
            return Load.Answer.read(new java.io.BufferedInputStream(socket.getInputStream()));
        }
    }

    private static String cpu(Guarded guard, double before, Load.Result result) {
        return String.format(
                Locale.ROOT, ", CPU %.0f us/request", (guard.cpuSeconds() - before) * 1e6 / result.requests());
    }

    private static void say(String line) {
        System.out.println(line);
    }
}
