package dev.guardrail.server.eras;

import static dev.guardrail.server.eras.Client.call;
import static dev.guardrail.server.eras.PlayedServer.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.server.wiring.Served;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Both eras over the standard streams of a process, through a whole guard.
@Timeout(120)
class ProcessErasSpec {
    @TempDir
    private Path directory;

    private Served guard;

    private void serve(boolean modern) throws Exception {
        guard = Stage.serve(directory, PlayedProcess.command(modern, notes()), Stage.EVERYTHING);
    }

    @AfterEach
    void close() throws IOException {
        guard.close();
    }

    private Path notes() {
        return directory.resolve("notes");
    }

    private List<String> noted(Predicate<String> wanted) {
        try {
            return Files.readAllLines(notes()).stream().filter(wanted).toList();
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }

    /// Processes that read something.
    private Set<String> processes(Predicate<String> wanted) {
        return noted(wanted).stream().map(line -> line.split(" ", 2)[0]).collect(Collectors.toSet());
    }

    private static Predicate<String> has(String part) {
        return line -> line.contains(part);
    }

    @Test
    void each_client_of_the_first_era_has_a_process_that_asks_it_alone_and_ends_with_it() throws Exception {
        serve(false);
        try (var one = Client.legacy(guard, Served.CODER, "shop");
                var two = Client.legacy(guard, Served.CODER, "shop")) {
            assertEquals(2, processes(has("\"clientInfo\":{\"name\":\"bare\"")).size());
            for (var client : List.of(one, two)) {
                try (var stream = client.post(call(5, "run", ""))) {
                    assertEquals(
                            "notifications/message",
                            stream.event().json().text("method").orElseThrow());
                    var question = stream.event().json();
                    assertEquals(
                            "sampling/createMessage", question.text("method").orElseThrow());
                    client.reply(question, "\"result\":{\"said\":\"" + client.session() + "\"}");
                    assertTrue(stream.event().data().contains(client.session()));
                }
            }
            assertEquals(2, processes(has("\"tools/call\"")).size());
            one.end();
            await(() -> noted(has(" end")).size() == 1);
            assertTrue(two.answer("prompts/list", "{}").toString().contains("\"x\":1.0"), "the other lives on");
        }
    }

    @Test
    void a_call_that_is_cancelled_is_taken_back_by_name() throws Exception {
        serve(false);
        try (var client = Client.legacy(guard, Served.CODER, "shop");
                var stream = client.post(call(5, "slow", ""))) {
            await(() -> noted(has("\"slow\"")).size() == 1);
            client.post("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":5}}")
                    .text();
            await(() -> noted(has("notifications/cancelled")).size() == 1);
            assertEquals(id("\"tools/call\"", "id"), id("notifications/cancelled", "requestId"));
            assertEquals(List.of(), stream.all());
        }
    }

    private String id(String part, String member) {
        var message = PlayedServer.parse(noted(has(part)).getLast().split(" ", 2)[1]);
        return (member.equals("id") ? message : message.object("params").orElseThrow())
                .get(member)
                .orElseThrow()
                .toString();
    }

    @Test
    void clients_of_the_second_era_share_a_process_and_one_that_leaves_is_named() throws Exception {
        serve(true);
        try (var one = Client.modern(guard, Served.CODER, "shop");
                var two = Client.modern(guard, Served.OTHER, "shop")) {
            for (var client : List.of(one, two))
                assertTrue(client.ask(1, "tools/call", ",\"name\":\"run\",\"arguments\":{}")
                        .json()
                        .toString()
                        .contains("\"nothing\""));
            assertEquals(1, processes(has("\"tools/call\"")).size());
            assertEquals(0, noted(has("\"initialize\"")).size());
            try (var leaving = one.ask(2, "tools/call", ",\"name\":\"slow\",\"arguments\":{}")) {
                assertEquals(200, leaving.status());
                assertEquals(0, noted(has("notifications/cancelled")).size());
            }
            await(() -> noted(has("notifications/cancelled")).size() == 1);
            assertEquals(id("\"slow\"", "id"), id("notifications/cancelled", "requestId"));
            try (var stream = two.ask("s", "subscriptions/listen", ",\"notifications\":{}")) {
                assertTrue(stream.event().data().contains("subscriptionId\":\"s\""));
            }
        }
    }

    @Test
    void a_process_of_the_first_era_says_so_in_its_own_words() throws Exception {
        serve(false);
        try (var probing = Client.modern(guard, Served.CODER, "shop")) {
            var words = probing.ask(9, "server/discover", "{}", "", Map.of()).json();
            assertEquals(
                    "{\"jsonrpc\":\"2.0\",\"id\":9,\"error\":{\"code\":-32601,\"message\":\"what is that?\"}}",
                    words.toString());
            assertFalse(words.has("result"));
        }
        try (var fallen = Client.legacy(guard, Served.CODER, "shop")) {
            assertTrue(fallen.greeting().toString().contains("\"process\""));
        }
    }
}
