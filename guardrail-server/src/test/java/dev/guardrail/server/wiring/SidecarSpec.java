package dev.guardrail.server.wiring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.pack.Diagnostic;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A guard's life: what it starts on, what it does while its files and its disk change, and how it ends.
@Timeout(120)
class SidecarSpec {
    @TempDir
    Path directory;

    private static void await(String what, Duration atMost, BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + atMost.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) throw new AssertionError("never: " + what);
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    private Path rules() {
        return directory.resolve("policies/rules.yaml");
    }

    /// Replaces the rules whole, as editors do.
    private void rules(String text) throws Exception {
        Path fresh = directory.resolve("rules.new");
        Served.write(fresh, text);
        Files.move(fresh, rules(), StandardCopyOption.ATOMIC_MOVE);
    }

    @Test
    void keys_are_made_once_for_their_owner_alone_and_the_first_entry_names_the_logs() throws Exception {
        String vkey;
        try (var served = Served.in(directory)) {
            vkey = served.get(Served.SAM, "/v1/audit/entries?q=kind:key_rotated")
                    .text();
            for (String file : new String[] {"body.key", "log.key"})
                assertEquals(
                        "rw-------",
                        PosixFilePermissions.toString(Files.getPosixFilePermissions(
                                directory.resolve("data").resolve(file))));
            assertEquals(
                    "rwx------",
                    PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve("data"))));
        }
        try (var served = Served.in(directory)) {
            assertEquals(
                    vkey,
                    served.get(Served.SAM, "/v1/audit/entries?q=kind:key_rotated")
                            .text());
        }
        for (String file : new String[] {"body.key", "log.key"}) {
            Path key = directory.resolve("data").resolve(file);
            Path away = directory.resolve("away");
            Files.move(key, away);
            var refused = assertThrows(
                    InvalidConfiguration.class, () -> Served.in(directory).close());
            assertTrue(
                    refused.findings().getFirst().message().matches(".*(restore it from a backup|put its file back)"));
            Files.move(away, key);
        }
        Served.in(directory).close();
    }

    @Test
    void broken_policies_at_the_start_are_refused_with_every_finding_at_its_position() throws Exception {
        Served.in(directory).close();
        rules(Served.RULES.replace("effect: deny", "effect: denny").replace("tools: [crm.get]", "tool: [crm.get]"));
        var refused = assertThrows(
                InvalidConfiguration.class, () -> Served.in(directory).close());
        var text = refused.findings().stream().map(Diagnostic::position).toList();

        assertTrue(refused.findings().size() >= 2, text::toString);
        assertTrue(
                text.stream().allMatch(position -> position.matches(".*rules\\.yaml:[0-9]+:[0-9]+")), text::toString);
    }

    @Test
    void changed_policies_come_into_force_and_broken_ones_change_nothing() throws Exception {
        try (var served = Served.in(directory)) {
            assertEquals("allow", served.propose(Served.CODER, "crm.get", "{}").text("effect"));
            rules(Served.RULES.replace("tools: [crm.drop]", "tools: [crm.drop, crm.get]"));
            await(
                    "the new rules decide",
                    Duration.ofSeconds(20),
                    () -> served.propose(Served.CODER, "crm.get", "{}")
                            .text("effect")
                            .equals("deny"));
            String version = served.propose(Served.CODER, "crm.get", "{}").text("policyVersion");

            rules("apiVersion: guardrail/v1\nkind: Polcy\n");
            await(
                    "the broken ones are counted",
                    Duration.ofSeconds(20),
                    () -> served.get(Served.SAM, "/metrics")
                            .text()
                            .contains("guardrail_policy_reloads_total{result=\"rejected\"}"));
            assertEquals(version, served.propose(Served.CODER, "crm.get", "{}").text("policyVersion"));

            rules(Served.RULES);
            await(
                    "the old ones are back",
                    Duration.ofSeconds(20),
                    () -> served.propose(Served.CODER, "crm.get", "{}")
                            .text("effect")
                            .equals("allow"));
            var activations = served.get(Served.SAM, "/v1/audit/entries?q=kind:pack_activated")
                    .json();
            assertEquals(3, activations.array("items").orElseThrow().items().size());
            String metrics = served.get(Served.SAM, "/metrics").text();
            assertEquals(2, metrics.split("guardrail_policy_info\\{").length, "one version is in force");
        }
    }

    @Test
    void a_watch_that_is_lost_is_told_of_and_comes_back() throws Exception {
        var failing = new AtomicBoolean();
        try (var served = Served.in(directory);
                var watch = PolicyWatch.start(served.sidecar.assembly(), (watched, watcher) -> {
                    if (failing.get()) throw new IOException("no watches are left");
                    watched.register(
                            watcher, StandardWatchEventKinds.ENTRY_MODIFY, StandardWatchEventKinds.ENTRY_CREATE);
                })) {
            assertFalse(watch.isLost());
            failing.set(true);
            rules(Served.RULES.replace("tools: [crm.drop]", "tools: [crm.drop, crm.get]"));
            await("it is lost", Duration.ofSeconds(20), watch::isLost);
            failing.set(false);
            await("it is back", Duration.ofSeconds(60), () -> !watch.isLost());
            failing.set(true);
            rules(Served.RULES);
            await("it notices changes again", Duration.ofSeconds(20), watch::isLost);
        }
    }

    @Test
    void rules_that_others_can_write_are_never_put_into_force() throws Exception {
        try (var served = Served.in(directory)) {
            Path fresh = directory.resolve("rules.new");
            Served.write(fresh, Served.RULES.replace("tools: [crm.get]", "tools: [crm.get, crm.drop]"));
            Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rw-rw-rw-"));
            Files.move(fresh, rules(), StandardCopyOption.ATOMIC_MOVE);
            await(
                    "they are counted",
                    Duration.ofSeconds(20),
                    () -> served.get(Served.SAM, "/metrics")
                            .text()
                            .contains("guardrail_policy_reloads_total{result=\"rejected\"}"));
            assertEquals("deny", served.propose(Served.CODER, "crm.drop", "{}").text("effect"));
        }
    }

    @Test
    void a_journal_that_cannot_be_written_refuses_everything_until_it_can() throws Exception {
        Path file = directory.resolve("data/journal.db");
        Path away = directory.resolve("data/away.db");
        try (var served = Served.in(directory)) {
            assertEquals(200, served.get("", "/health/ready").status());
            Files.move(file, away);
            await(
                    "it is not ready",
                    Duration.ofSeconds(5),
                    () -> served.get("", "/health/ready").status() == 503);
            assertEquals("journal", served.get("", "/health/ready").text("reason"));
            assertEquals(200, served.get("", "/health/live").status());
            var refused = served.propose(Served.CODER, "crm.get", "{}");
            assertEquals(503, refused.status());
            assertEquals("journal-unavailable", refused.problem());
            assertTrue(refused.headers().containsKey("retry-after"));

            Files.move(away, file);
            await(
                    "it is ready again",
                    Duration.ofSeconds(20),
                    () -> served.get("", "/health/ready").status() == 200);
            assertEquals(
                    "permitted", served.propose(Served.CODER, "crm.get", "{}").text("state"));
        }
    }

    @Test
    void who_waits_at_the_end_is_answered_and_what_is_held_is_held_by_the_next_process() throws Exception {
        String call;
        String approval;
        String digest;
        CompletableFuture<Served.Answer> waiting;
        try (var served = Served.in(directory)) {
            var held = served.propose(Served.CODER, "crm.pay", "{}");
            call = held.text("callId");
            digest = held.text("argumentsDigest");
            approval = held.json().object("approval").orElseThrow().text("id").orElseThrow();
            waiting = CompletableFuture.supplyAsync(() -> served.get(Served.CODER, "/v1/calls/" + call + "?wait=60s"));
            // A second one waits out its second behind the first, which has then arrived.
            served.get(Served.CODER, "/v1/calls/" + call + "?wait=1s");
        }
        assertEquals(202, waiting.get(1, TimeUnit.SECONDS).status());
        assertEquals("held", waiting.get().text("state"));
        try (var served = Served.in(directory)) {
            assertEquals("held", served.get(Served.CODER, "/v1/calls/" + call).text("state"));
            served.post(
                    Served.ANN, "/v1/approvals/" + approval + "/approve", "{\"argumentsDigest\":\"" + digest + "\"}");
            assertEquals(
                    "permitted",
                    served.get(Served.CODER, "/v1/calls/" + call + "?wait=30s").text("state"));
        }
    }

    @Test
    void who_merely_listens_holds_up_no_end() throws Exception {
        Served.in(directory).close();
        Path file = directory.resolve("guardrail.yaml");
        Served.write(
                file,
                Files.readString(file)
                        .replace(
                                "crm: {caller: true}",
                                "crm: {caller: true}\n  work: {builtin: workspace, root: ./work}"));
        var served = Served.in(directory);
        var initialized = served.send(
                Served.CODER,
                "POST",
                "/mcp/work",
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"initialize\",\"params\":{\"protocolVersion\":\"2025-11-25\","
                        + "\"capabilities\":{},\"clientInfo\":{\"name\":\"t\",\"version\":\"1\"}}}",
                Map.of("Accept", "application/json, text/event-stream"));
        assertEquals(200, initialized.status(), initialized.text());
        try (var socket = new java.net.Socket("127.0.0.1", served.sidecar.url().getPort())) {
            String listen =
                    "GET /mcp/work HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\nAuthorization: Bearer "
                            + Served.CODER + "\r\nMcp-Session-Id: "
                            + initialized.headers().get("mcp-session-id") + "\r\n\r\n";
            socket.getOutputStream().write(listen.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
            var status = new byte[15];
            assertEquals(15, socket.getInputStream().readNBytes(status, 0, 15));
            assertTrue(new String(status, java.nio.charset.StandardCharsets.US_ASCII).contains("200"));
            long begin = System.nanoTime();
            served.close();
            assertTrue(Duration.ofNanos(System.nanoTime() - begin).compareTo(Duration.ofSeconds(20)) < 0);
        }
    }

    @Test
    void a_second_guard_on_the_same_data_is_refused() throws Exception {
        try (var served = Served.in(directory)) {
            var refused = assertThrows(
                    InvalidConfiguration.class, () -> Served.in(directory).close());
            assertTrue(refused.findings().getFirst().message().contains("in use by another guardrail process"));
            assertEquals(200, served.get("", "/health/ready").status());
        }
    }

    @Test
    void an_address_in_use_is_refused_by_name() throws Exception {
        try (var taken = new java.net.ServerSocket(0, 1, java.net.InetAddress.getLoopbackAddress())) {
            Served.in(directory).close();
            Path file = directory.resolve("guardrail.yaml");
            Served.write(file, Files.readString(file).replace("127.0.0.1:0", "127.0.0.1:" + taken.getLocalPort()));
            var refused = assertThrows(
                    InvalidConfiguration.class, () -> Served.in(directory).close());
            assertTrue(refused.findings().getFirst().message().contains("cannot be listened on"));
        }
    }
}
