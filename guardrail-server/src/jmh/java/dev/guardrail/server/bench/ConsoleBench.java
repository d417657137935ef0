package dev.guardrail.server.bench;

import dev.guardrail.server.console.Browser;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The console over a log of 100,000 entries (docs/performance.md): what pages and searches cost, and 200 open pages
/// that are told of calls that begin to wait. Ends with 1 beyond a gate.
///
/// Arguments: a directory on the disk to measure, and how many entries (default 100,000).
final class ConsoleBench {
    private static final int OPEN = 200;
    private static final int PEOPLE = 8;
    private static final int SESSIONS = 1_000;
    private static final int WAITING = 50;
    private static final int ROUNDS = 40;
    private static final int EVENTS = 20;
    private static final double MOST_CPU_MILLIS = 200;
    private static final double MOST_SEARCH_MILLIS = 50;
    private static final double MOST_LIVE_SECONDS = 1;
    private static final Pattern SIZE = Pattern.compile("of ([0-9]+) entries|\\n([0-9]+)\\n");

    private static final String POLICY = """
            apiVersion: guardrail/v1
            kind: Policy
            metadata: {name: bench}
            rules:
              - {id: reads, match: {tools: [w1.get]}, effect: allow}
              - {id: asks, match: {tools: [w1.pay]}, effect: require_approval, approval: {approvers: [role:approver]}}
              - {id: drops, match: {tools: [w1.drop]}, effect: deny, message: Nothing is dropped.}
            ---
            apiVersion: guardrail/v1
            kind: Tools
            server: w1
            tools:
              get: {effect: read, inputSchema: {type: object}}
              pay: {effect: external, inputSchema: {type: object}}
              drop: {effect: destructive, inputSchema: {type: object}}
            """;

    /// Searches that visitors make, all with facets and histogram: everything, by what the store finds by itself, and
    /// by
    /// what only a look at each entry finds.
    private static final List<String> SEARCHES = List.of(
            "",
            "effect:deny",
            "tool:w1.get",
            "agent:bench kind:decided",
            "kind:decided,outcome -effect:deny",
            "age:<1h effect:allow",
            "tool:w1.dr*",
            "agent:nobody",
            "rule:*asks",
            "policy:nothing*");

    private final Guarded guard;
    private boolean met = true;

    private ConsoleBench(Guarded guard) {
        this.guard = guard;
    }

    public static void main(String[] arguments) throws Exception {
        Path directory = Files.createTempDirectory(Path.of(arguments.length > 0 ? arguments[0] : "target"), "console-");
        long entries = arguments.length > 1 ? Long.parseLong(arguments[1]) : 100_000;
        var people = new StringBuilder();
        for (int i = 0; i < PEOPLE; i++) {
            Guarded.write(directory.resolve("p" + i + ".key"), key(i));
            people.append("  - {name: p").append(i).append(", key: {file: ./p").append(i);
            people.append(".key}, roles: [approver, auditor]}\n");
        }
        say("load " + Files.readString(Path.of("/proc/loadavg")).strip());
        boolean met;
        try (var guard = Guarded.serve(directory, "  w1: {caller: true}\n", POLICY, people.toString())) {
            var bench = new ConsoleBench(guard);
            bench.run(entries);
            met = bench.met;
        }
        System.exit(met ? 0 : 1);
    }

    private static String key(int person) {
        return "grd_bench_person_key_0123456789abcd" + (char) ('a' + person);
    }

    private void run(long entries) throws Exception {
        fill(entries);
        var auditor = Console.signedIn(guard.url(), Guarded.OPERATOR_KEY);
        for (String page : List.of("/console/audit", "/console/approvals", "/console/sessions")) {
            load(auditor, page, 1, "the first time");
            load(auditor, page, ROUNDS, "while the program warms up");
            double millis = load(auditor, page, ROUNDS, "warm");
            gate("CPU of " + page + ", ms", millis, MOST_CPU_MILLIS);
        }
        search(auditor);
        live();
    }

    private void fill(long entries) throws Exception {
        long start = System.nanoTime();
        for (int i = 0; i < SESSIONS; i++) open(i);
        var target = new Load.Target(guard.url().resolve("/v1/calls"), agent(), ConsoleBench::call);
        while (size() < entries) Load.run(target, 16, 2);
        for (int i = 0; i < WAITING; i++) ask(i);
        say(String.format(
                Locale.ROOT,
                "%d entries in %.0f s, resident %d MB",
                size(),
                (System.nanoTime() - start) / 1e9,
                guard.residentMegabytes()));
    }

    private static String agent() {
        return "Content-Type: application/json\r\nAuthorization: Bearer " + Guarded.AGENT_KEY + "\r\n";
    }

    private static String call(long number) {
        String tool = number % 7 == 0 ? "drop" : "get";
        return "{\"tool\":\"w1." + tool + "\",\"arguments\":{\"id\":" + number % 1_000 + "},\"reason\":\"It is due.\"}";
    }

    private void open(int number) throws IOException {
        expect(
                200,
                201,
                Console.post(guard.url().resolve("/v1/sessions"), agent(), "{\"task\":\"Task " + number + "\"}"));
    }

    private void ask(int number) throws IOException {
        String body = "{\"tool\":\"w1.pay\",\"arguments\":{\"amount\":" + number + "}}";
        expect(202, 202, Console.post(guard.url().resolve("/v1/calls"), agent(), body));
    }

    private static void expect(int one, int other, Load.Answer answer) throws IOException {
        if (answer.status() != one && answer.status() != other)
            throw new IOException(answer.status() + ": " + new String(answer.body(), StandardCharsets.UTF_8));
    }

    /// Entries of the log, as its signed head says.
    private long size() throws IOException {
        String bearer = "Authorization: Bearer " + Guarded.OPERATOR_KEY + "\r\n";
        String head = Console.get(guard.url().resolve("/v1/audit/checkpoint"), bearer);
        Matcher found = SIZE.matcher(head);
        if (!found.find()) throw new IOException("no size in " + head);
        return Long.parseLong(found.group(found.group(1) == null ? 2 : 1));
    }

    /// @return milliseconds of CPU for one load
    private double load(Console console, String page, int times, String when) throws IOException {
        double before = guard.cpuSeconds();
        double[] took = new double[times];
        int bytes = 0;
        for (int i = 0; i < times; i++) {
            long start = System.nanoTime();
            bytes = console.page(page).length();
            took[i] = (System.nanoTime() - start) / 1e6;
        }
        double cpu = (guard.cpuSeconds() - before) * 1e3 / times;
        say(String.format(
                Locale.ROOT, "%s %s: CPU %.1f ms, p50 %.1f ms, %d bytes", page, when, cpu, median(took), bytes));
        return cpu;
    }

    private void search(Console console) throws IOException {
        var all = new ArrayList<Double>();
        for (String search : SEARCHES) {
            String page = "/console/audit?q=" + URLEncoder.encode(search, StandardCharsets.UTF_8);
            double[] took = new double[ROUNDS];
            for (int i = 0; i < ROUNDS; i++) {
                long start = System.nanoTime();
                console.page(page);
                took[i] = (System.nanoTime() - start) / 1e6;
                all.add(took[i]);
            }
            say(String.format(Locale.ROOT, "search `%s`: p50 %.1f ms", search, median(took)));
        }
        double p50 = median(all.stream().mapToDouble(Double::doubleValue).toArray());
        gate("search with facets, p50 of all, ms", p50, MOST_SEARCH_MILLIS);
    }

    /// What it costs that nothing happens.
    private void idle(String when) throws Exception {
        double before = guard.cpuSeconds();
        Thread.sleep(10_000);
        say(String.format(
                Locale.ROOT,
                "%s and nothing happens: %.1f %% of one core, resident %d MB",
                when,
                (guard.cpuSeconds() - before) * 10,
                guard.residentMegabytes()));
    }

    private void live() throws Exception {
        idle("nobody looks");
        List<Console.Listening> open = new ArrayList<>();
        List<Console> people = new ArrayList<>();
        for (int i = 0; i < PEOPLE; i++) people.add(Console.signedIn(guard.url(), key(i)));
        for (int i = 0; i < OPEN; i++)
            open.add(people.get(i % PEOPLE).listen("/console/events?tab=" + (i % 2 == 0 ? "me" : "all")));
        for (Console.Listening each : open) each.await(1);
        idle(OPEN + " pages are open");
        double[] last = new double[EVENTS];
        for (int event = 0; event < EVENTS; event++) {
            for (Console.Listening each : open) each.forget();
            long start = System.nanoTime();
            ask(1_000 + event);
            long latest = 0;
            for (Console.Listening each : open) latest = Math.max(latest, each.await(1));
            last[event] = (latest - start) / 1e9;
        }
        say(String.format(Locale.ROOT, "a call begins to wait: p50 %.3f s until the last page knows", median(last)));
        gate(
                "until the last of " + OPEN + " open pages shows a call, worst of " + EVENTS + ", s",
                Arrays.stream(last).max().orElseThrow(),
                MOST_LIVE_SECONDS);
        hidden();
        for (Console.Listening each : open) each.close();
    }

    /// A browser's tab that nobody sees, while the other pages are open.
    private void hidden() throws Exception {
        try (var browser = Browser.start();
                Browser.Person person = browser.person()
                        .signIn(guard.url().toString(), Guarded.OPERATOR_KEY)
                        .unseen()) {
            person.page.evaluate("""
                    () => document.addEventListener("put", () => { window.putAt = Date.now(); })
                    """);
            double[] took = new double[EVENTS];
            for (int event = 0; event < EVENTS; event++) {
                person.page.evaluate("() => { window.putAt = 0; }");
                long start = System.currentTimeMillis();
                ask(2_000 + event);
                double at = 0;
                for (int look = 0; look < 600 && at == 0; look++) {
                    Thread.sleep(100);
                    at = ((Number) person.page.evaluate("() => window.putAt")).doubleValue();
                }
                if (at == 0) throw new IOException("the hidden tab was not told");
                took[event] = (at - start) / 1e3;
            }
            gate(
                    "until a hidden tab shows a call, worst of " + EVENTS + ", s",
                    Arrays.stream(took).max().orElseThrow(),
                    MOST_LIVE_SECONDS);
        }
    }

    private void gate(String what, double figure, double most) {
        boolean fits = figure <= most;
        met &= fits;
        say(String.format(Locale.ROOT, "%s: %.2f (gate %.0f) %s", what, figure, most, fits ? "met" : "NOT MET"));
    }

    private static double median(double[] figures) {
        double[] sorted = figures.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    private static void say(String line) {
        System.out.println(line);
    }
}
