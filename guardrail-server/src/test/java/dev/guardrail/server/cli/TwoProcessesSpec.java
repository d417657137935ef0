package dev.guardrail.server.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.StrictJson;
import dev.guardrail.server.refusal.RecordingUpstream;
import dev.guardrail.server.wiring.Served;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Two processes that race for one store: one has it, the other is turned away and says so; and what people approved
/// before has its effect once, whichever of them comes to run it.
@Timeout(300)
class TwoProcessesSpec {
    private static final int EXECUTORS = 20;

    @TempDir
    Path directory;

    private final HttpClient client = HttpClient.newHttpClient();
    private final List<Process> started = new ArrayList<>();
    private RecordingUpstream upstream;

    @BeforeEach
    void configure() throws Exception {
        upstream = new RecordingUpstream(false);
        Files.createDirectory(
                directory.resolve("policies"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        Served.write(directory.resolve("policies/rules.yaml"), """
                apiVersion: guardrail/v1
                kind: Policy
                metadata: {name: base}
                rules:
                  - {id: hold-pay, match: {tools: [shop.pay]}, effect: require_approval}
                """);
        Served.write(directory.resolve("guardrail.yaml"), """
                listen: 127.0.0.1:0
                data: ./data
                policies: [./policies]
                servers:
                  shop: {url: "%s"}
                agents:
                  - {name: coder, key: {env: CODER}}
                operators:
                  - {name: ann, key: {env: ANN}, roles: [approver]}
                """.formatted(upstream.url()));
    }

    @AfterEach
    void end() {
        started.forEach(Process::destroyForcibly);
        upstream.close();
        client.close();
    }

    /// A guard that is ready.
    private record Ready(Process process, URI url) {}

    /// Starts two at once, and gives the one that got the store once the other is gone.
    private Ready winner() throws Exception {
        var first = new Racer(directory.resolve("err-1"));
        var second = new Racer(directory.resolve("err-2"));
        String one = first.line();
        String two = second.line();
        assertTrue(one == null ^ two == null, "one of them is ready: " + one + " and " + two);
        var loser = one == null ? first : second;
        assertTrue(loser.process.waitFor(60, TimeUnit.SECONDS));
        assertNotEquals(0, loser.process.exitValue());
        String said = Files.readString(loser.err);
        assertTrue(said.contains("is in use by another guardrail process; stop that one"), said);
        String ready = one == null ? two : one;
        return new Ready(
                (one == null ? second : first).process, URI.create(ready.substring("guardrail is ready at ".length())));
    }

    private final class Racer {
        private final Path err;
        private final Process process;

        Racer(Path err) throws IOException {
            this.err = err;
            this.process = ServeProcess.start(directory, err);
            started.add(process);
        }

        /// The line that it says when it is ready; null where it ends without.
        String line() throws IOException {
            return process.inputReader(StandardCharsets.UTF_8).readLine();
        }
    }

    private JsonObject post(Ready guard, String key, String path, String body) throws Exception {
        var request = HttpRequest.newBuilder(guard.url().resolve(path))
                .timeout(Duration.ofSeconds(60))
                .header("Authorization", "Bearer " + key)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        byte[] answer =
                client.send(request, HttpResponse.BodyHandlers.ofByteArray()).body();
        return (JsonObject) StrictJson.parse(answer);
    }

    private JsonObject held(Ready guard) throws Exception {
        String call = "{\"tool\":\"shop.pay\",\"arguments\":{\"amount\":7},\"run\":\"guard\"}";
        JsonObject answer = post(guard, Served.CODER, "/v1/calls", call);
        // The upstream's tools are listed a moment after the start.
        while (!answer.text("state").orElse("").equals("held")) {
            Thread.onSpinWait();
            answer = post(guard, Served.CODER, "/v1/calls", call);
        }
        return answer;
    }

    @Test
    void two_processes_racing_for_one_store_give_one_effect() throws Exception {
        Ready before = winner();
        JsonObject held = held(before);
        String id = held.object("approval").orElseThrow().text("id").orElseThrow();
        JsonObject voted = post(
                before,
                Served.ANN,
                "/v1/approvals/" + id + "/approve",
                "{\"argumentsDigest\":\"" + held.text("argumentsDigest").orElseThrow() + "\"}");
        assertEquals("approved", voted.text("state").orElse(voted.toString()));
        before.process().destroyForcibly().waitFor();
        assertEquals(0, upstream.calls("pay"), "nothing runs before somebody executes it");

        Ready after = winner();
        var answers = executed(after, held.text("callId").orElseThrow());

        assertEquals(1, upstream.calls("pay"));
        assertTrue(
                answers.stream()
                        .allMatch(answer -> answer.text("state").orElse("").equals("succeeded")),
                answers.toString());
        assertEquals(
                1, answers.stream().filter(answer -> !answer.isTrue("replayed")).count(), answers.toString());
    }

    private List<JsonObject> executed(Ready guard, String call) throws Exception {
        try (var executors = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<JsonObject>> tries = new ArrayList<>();
            for (int i = 0; i < EXECUTORS; i++)
                tries.add(() -> post(guard, Served.CODER, "/v1/calls/" + call + "/execute", ""));
            var answers = new ArrayList<JsonObject>();
            for (var answer : executors.invokeAll(tries)) answers.add(answer.get());
            return answers;
        }
    }
}
