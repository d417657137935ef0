package dev.guardrail.server.refusal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.StrictJson;
import dev.guardrail.server.relay.Mirror;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// What is no message, or more than one reader could take for another message: ids, batches, names in other cases,
/// members twice. In both eras.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EnvelopeSpec {
    private static final int PARSE = -32700;
    private static final int INVALID = -32600;

    @SuppressWarnings("NullAway.Init") // set before all
    private House house;

    @BeforeAll
    void start(@TempDir Path directory) throws Exception {
        house = House.in(directory);
    }

    @AfterAll
    void stop() throws IOException {
        house.close();
    }

    /// A client of each era, with a sound call of `ls` to spoil.
    private enum Client {
        LEGACY,
        MODERN;

        RawHttp call(House house, House.Agent agent, String id) {
            return switch (this) {
                case LEGACY -> house.legacy(agent, house.open("old", agent), id, "ls", "{}");
                case MODERN -> house.modern(agent, id, "ls", "{}");
            };
        }
    }

    private Stream<DynamicTest> inBothEras(Map<String, Spoiled> cases) {
        var tests = new ArrayList<DynamicTest>();
        for (Client client : Client.values())
            cases.forEach((name, spoiled) -> tests.add(dynamicTest(client + ": " + name, () -> {
                var agent = house.agent();
                RawHttp request = client.call(house, agent, "1");
                request.body(spoiled.body(request.body()));
                house.refused(agent, request, 400, spoiled.code(), spoiled.code() == PARSE ? "parse" : "envelope");
                house.passed(client.call(house, agent, "1"));
            })));
        return tests.stream();
    }

    /// A way to spoil a message, and the code that says so.
    private record Spoiled(String what, String with, int code) {
        String body(String sound) {
            if (what.isEmpty()) return with.replace("$", sound);
            assertTrue(sound.contains(what), () -> what + " is in " + sound);
            return sound.replace(what, with);
        }
    }

    @TestFactory
    Stream<DynamicTest> what_is_no_id_is_refused() {
        var cases = new LinkedHashMap<String, Spoiled>();
        Map<String, Integer> ids = new LinkedHashMap<>();
        for (String id : List.of("null", "1.5", "1e0", "1.0", "{}", "{\"a\":1}", "[1]", "[]", "true", "false"))
            ids.put(id, INVALID);
        ids.put("9223372036854775808", PARSE);
        ids.put("18446744073709551616", PARSE);
        ids.put("\"" + "x".repeat(257) + "\"", INVALID);
        ids.put("01", PARSE);
        ids.put("+1", PARSE);
        ids.put("0x1", PARSE);
        ids.put("NaN", PARSE);
        ids.put("1e400", PARSE);
        ids.put("18446744073709551617", PARSE);
        ids.put("\"\\ud800\"", PARSE);
        ids.forEach((id, code) -> cases.put(
                id.length() > 40 ? id.substring(0, 40) : id, new Spoiled("\"id\":1,", "\"id\":" + id + ",", code)));
        return inBothEras(cases);
    }

    @TestFactory
    Stream<DynamicTest> what_is_an_id_comes_back_as_it_was_and_goes_nowhere_else() {
        var tests = new ArrayList<DynamicTest>();
        for (Client client : Client.values())
            for (String id : List.of(
                    "0",
                    "-1",
                    "\"\"",
                    "\"1\"",
                    "9007199254740993",
                    "9223372036854775807",
                    "\"" + "x".repeat(256) + "\"",
                    "\"\u00e9\\u0000\""))
                tests.add(dynamicTest(client + ": " + (id.length() > 40 ? "long" : id), () -> {
                    var answer = house.passed(client.call(house, house.agent(), id));
                    Json given = ((JsonObject) StrictJson.parse(("{\"id\":" + id + "}").getBytes(UTF_8)))
                            .get("id")
                            .orElseThrow();
                    assertEquals(given, answer.json().get("id").orElseThrow());
                    assertNotEquals(
                            Optional.of(given),
                            house.reached().getLast().message().get("id"));
                }));
        return tests.stream();
    }

    @TestFactory
    Stream<DynamicTest> what_is_no_single_object_is_refused() {
        var cases = new LinkedHashMap<String, Spoiled>();
        cases.put("batch of two", new Spoiled("", "[$,$]", INVALID));
        cases.put("batch of one", new Spoiled("", "[$]", INVALID));
        cases.put("batch of none", new Spoiled("", "[]", INVALID));
        cases.put("batch in a batch", new Spoiled("", "[[$]]", INVALID));
        for (String bare : List.of("1", "\"x\"", "null", "true"))
            cases.put("bare " + bare, new Spoiled("", bare, INVALID));
        cases.put("blank", new Spoiled("", " ", PARSE));
        cases.put("two objects", new Spoiled("", "$$", PARSE));
        cases.put("two lines", new Spoiled("", "$\n$", PARSE));
        cases.put("two by a carriage return", new Spoiled("", "$\r$", PARSE));
        cases.put("two by a line separator", new Spoiled("", "$\u2028$", PARSE));
        cases.put("something after it", new Spoiled("", "$ x", PARSE));
        cases.put("a nul after it", new Spoiled("", "$\0", PARSE));
        cases.put("a comma after it", new Spoiled("", "$,", PARSE));
        cases.put("a mark before it", new Spoiled("", "\ufeff$", PARSE));
        cases.put("a comment before it", new Spoiled("", "/* */$", PARSE));
        cases.put("cut off", new Spoiled("}}", "}", PARSE));
        return inBothEras(cases);
    }

    @TestFactory
    Stream<DynamicTest> what_another_reader_takes_for_a_known_name_is_refused() {
        var cases = new LinkedHashMap<String, Spoiled>();
        for (String name : List.of(
                "Method", "METHOD", "Params", "ID", "Id", "Jsonrpc", "para\u006ds\u0000", "param\u017f", "extra"))
            cases.put(
                    "member " + name,
                    new Spoiled("{\"jsonrpc\"", "{\"" + escaped(name) + "\":\"x\",\"jsonrpc\"", INVALID));
        for (String name : List.of(
                "Name",
                "NAME",
                "Arguments",
                "argument\u017f",
                "tas\u212a",
                "ta\u017fk",
                "URI",
                "Cursor",
                "TaskId",
                "ta\u017f\u212aId",
                "RequestState",
                "inputRe\u017fponses",
                "_Meta",
                "_META"))
            cases.put(
                    "param " + name,
                    new Spoiled("\"params\":{", "\"params\":{\"" + escaped(name) + "\":\"rm\",", INVALID));
        cases.put("method instead", new Spoiled("\"method\"", "\"Method\"", INVALID));
        cases.put("another version", new Spoiled("\"2.0\"", "\"1.0\"", INVALID));
        cases.put("a version that is a number", new Spoiled("\"2.0\"", "2.0", INVALID));
        cases.put("no version", new Spoiled("\"jsonrpc\":\"2.0\",", "", INVALID));
        cases.put("request and response", new Spoiled("\"params\"", "\"result\":{},\"params\"", INVALID));
        cases.put("request and error", new Spoiled("\"params\"", "\"error\":{},\"params\"", INVALID));
        cases.put("a method that is a number", new Spoiled("\"tools/call\"", "1", INVALID));
        cases.put("params in an array", new Spoiled("\"params\":{", "\"params\":[],\"x\":{", INVALID));
        return inBothEras(cases);
    }

    /// As JSON escapes, so that the source says which letter it is.
    private static String escaped(String name) {
        var text = new StringBuilder();
        for (char unit : name.toCharArray())
            if (unit > 0x7E || unit < ' ') text.append("\\u%04x".formatted((int) unit));
            else text.append(unit);
        return text.toString();
    }

    @TestFactory
    Stream<DynamicTest> what_is_there_twice_is_refused() {
        var cases = new LinkedHashMap<String, Spoiled>();
        cases.put("method", new Spoiled("\"method\":", "\"method\":\"ping\",\"method\":", PARSE));
        cases.put("method, escaped", new Spoiled("\"method\":", "\"m\\u0065thod\":\"ping\",\"method\":", PARSE));
        cases.put("id", new Spoiled("\"id\":", "\"id\":2,\"id\":", PARSE));
        cases.put("params", new Spoiled("\"params\":", "\"params\":{},\"params\":", PARSE));
        cases.put("name", new Spoiled("\"name\":\"ls\"", "\"name\":\"rm\",\"name\":\"ls\"", PARSE));
        cases.put("name, escaped", new Spoiled("\"name\":\"ls\"", "\"name\":\"ls\",\"n\\u0061me\":\"rm\"", PARSE));
        cases.put("an argument", new Spoiled("\"arguments\":{}", "\"arguments\":{\"a\":1,\"a\":2}", PARSE));
        cases.put(
                "deep in an argument",
                new Spoiled("\"arguments\":{}", "\"arguments\":{\"a\":[{\"b\":1,\"\\u0062\":2}]}", PARSE));
        return inBothEras(cases);
    }

    @Test
    void params_that_nobody_knows_pass() {
        for (Client client : Client.values()) {
            var agent = house.agent();
            var request = client.call(house, agent, "1");
            house.passed(request.body(request.body().replace("\"params\":{", "\"params\":{\"extra\":[1],")));
            assertTrue(house.reached().getLast().params().has("extra"));
            assertEquals(List.of(), house.faults(agent));
        }
    }

    @Test
    void a_call_that_wants_no_answer_is_a_notice_and_runs_nothing() {
        for (Client client : Client.values()) {
            var agent = house.agent();
            var request = client.call(house, agent, "1");
            int before = house.reached().size();
            String sound = request.body();
            assertEquals(
                    202, request.body(sound.replace("\"id\":1,", "")).send().status());
            assertEquals(before, house.reached().size());
            house.passed(request.body(sound));
        }
    }

    @Test
    void an_id_that_is_still_running_is_refused_for_its_owner_alone() throws Exception {
        for (Client client : Client.values()) {
            var agent = house.agent();
            var other = house.agent();
            String session = client == Client.LEGACY ? house.open("old", agent) : "";
            String key = client + "-7";
            var server = client == Client.LEGACY ? house.old : house.fresh;
            int before = server.ofClients().size();
            RawHttp slow = client == Client.LEGACY
                    ? house.legacy(agent, session, "7", "slow", "{\"key\":\"" + key + "\"}")
                    : house.modern(agent, "7", "slow", "{\"key\":\"" + key + "\"}");
            var running = CompletableFuture.supplyAsync(
                    slow::send, task -> Thread.ofVirtual().start(task));
            while (server.ofClients().size() == before) Thread.onSpinWait();

            RawHttp again = client == Client.LEGACY
                    ? house.legacy(agent, session, "7", "ls", "{}")
                    : house.modern(agent, "7", "ls", "{}");
            // In the second era nobody can tell two clients of one agent: only the very same call is a duplicate.
            house.refused(agent, client == Client.LEGACY ? again : slow, 400, INVALID, "duplicate-id");
            if (client == Client.MODERN) house.passed(again);
            house.passed(again.body(again.body().replace("\"id\":7", "\"id\":\"7\"")));
            house.passed(client.call(house, other, "7"));
            server.release(key);
            assertEquals(200, running.get().status());
            house.passed(again.body(again.body().replace("\"id\":\"7\"", "\"id\":7")));
            assertEquals(List.of("duplicate-id"), house.faults(agent));
            assertEquals(List.of(), house.faults(other));
        }
    }

    private static final Pattern METHOD = Pattern.compile("\"method\":\"([^\"]*)\"");
    private static final Pattern NAME = Pattern.compile("\"params\":\\{\"name\":\"((?:[^\"\\\\]|\\\\.)*)\"");

    /// Lines of the corpus as requests of the second era: with its facts, and with headers as a careless reader would
    /// write them.
    @TestFactory
    Stream<DynamicTest> every_line_of_the_corpus_is_refused_in_the_second_era_too() throws IOException {
        return lines().stream()
                .map(line -> dynamicTest(
                        line.text("name").orElseThrow(),
                        () -> judge(
                                line.text("line").orElseThrow(),
                                line.text("want").orElse("reject"))));
    }

    private void judge(String line, String want) {
        var agent = house.agent();
        var request = house.post("new", agent).with("MCP-Protocol-Version", House.REVISION);
        var method = METHOD.matcher(line);
        request.with("Mcp-Method", method.find() ? method.group(1) : "tools/call");
        var name = NAME.matcher(line);
        if (name.find() && request.value("Mcp-Method").equals("tools/call"))
            request.with("Mcp-Name", Mirror.encode(plain(name.group(1))));
        request.body(line.replace("\"params\":{", "\"params\":{" + House.meta("") + ","));
        int before = house.reached().size();
        var answer = request.send();
        boolean denied = answer.body().contains("\"effect\":\"deny\"");
        if (want.startsWith("canonical")) {
            assertEquals(200, answer.status(), answer::toString);
            assertEquals(before + 1, house.reached().size());
            return;
        }
        assertEquals(before, house.reached().size(), "nothing reaches a server");
        if (want.startsWith("deny") || want.contains("=> deny")) assertTrue(denied, answer::toString);
        else if (want.equals("reject unknown method"))
            assertEquals(-32601, answer.error().orElseThrow().integer("code").orElseThrow());
        else if (!denied) {
            assertTrue(answer.status() == 202 || answer.error().isPresent(), answer::toString);
            assertEquals(1, house.faults(agent).size(), () -> "one entry for " + answer);
        }
    }

    private static String plain(String escaped) {
        try {
            return ((JsonObject) StrictJson.parse(("{\"x\":\"" + escaped + "\"}").getBytes(UTF_8)))
                    .text("x")
                    .orElseThrow();
        } catch (RuntimeException unreadable) {
            return "ls";
        }
    }

    private List<JsonObject> lines() throws IOException {
        try (var corpus = getClass().getResourceAsStream("/corpora/mcp-jsonrpc.jsonl")) {
            assertTrue(corpus != null, "the corpus is there");
            return new String(corpus.readAllBytes(), UTF_8)
                    .lines()
                    .filter(line -> !line.isBlank())
                    .map(line -> (JsonObject) StrictJson.parse(line.getBytes(UTF_8)))
                    .toList();
        }
    }
}
