package dev.guardrail.server.door.authzen;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonBoolean;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.StrictJson;
import dev.guardrail.server.wiring.Served;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/// The certification scenario of the AuthZEN Authorization API 1.0 (openid/authzen, `certification/`), levels Basic,
/// Batch and Discovery, test by test under its own ids, with its fixture.
/// Every test of it goes over HTTPS, as the scenario asks.
class AuthzenCertificationSpec {
    private static final String ALICE = "\"subject\":{\"type\":\"user\",\"id\":\"alice\"}";
    private static final String BOB = "\"subject\":{\"type\":\"user\",\"id\":\"bob\"}";
    private static final String ADMIN_BOB =
            "\"subject\":{\"type\":\"user\",\"id\":\"bob\",\"properties\":{\"role\":\"admin\"}}";
    private static final String RECORD_1 = "\"resource\":{\"type\":\"record\",\"id\":\"record-1\"}";
    private static final String RECORD_2 = "\"resource\":{\"type\":\"record\",\"id\":\"record-2\"}";
    private static final String ARCHIVED =
            "\"resource\":{\"type\":\"record\",\"id\":\"record-2\",\"properties\":{\"status\":\"archived\"}}";
    private static final String READ = "\"action\":{\"name\":\"read\"}";
    private static final String WRITE = "\"action\":{\"name\":\"write\"}";
    private static final String FIRST = body(ALICE, READ, RECORD_1);

    private static AuthzenGuard guard;

    @BeforeAll
    static void start(@TempDir Path directory) throws Exception {
        guard = AuthzenGuard.overTls(directory);
    }

    @AfterAll
    static void stop() throws Exception {
        guard.close();
    }

    private static String body(String... members) {
        return "{" + String.join(",", members) + "}";
    }

    private static String delete(boolean soft) {
        return "\"action\":{\"name\":\"delete\",\"properties\":{\"soft\":" + soft + "}}";
    }

    private static DynamicTest decided(String id, String body, boolean expected) {
        return dynamicTest(id, () -> assertDecision(expected, guard.evaluate(body)));
    }

    private static void assertDecision(boolean expected, Served.Answer answer) {
        assertEquals(200, answer.status(), answer.text());
        assertEquals("application/json", answer.headers().get("content-type"));
        assertEquals(JsonBoolean.of(expected), answer.get("decision"), answer.text());
    }

    @TestFactory
    Stream<DynamicTest> basic_core_and_properties_c_2_2() {
        return Stream.of(
                decided("c-2-2-1 permit", FIRST, true),
                decided("c-1-4 rule 2", body(ALICE, WRITE, RECORD_1), true),
                decided("c-1-4 rule 3", body(BOB, READ, RECORD_1), true),
                decided("c-2-2-2 deny", body(BOB, WRITE, RECORD_1), false),
                decided(
                        "c-2-2-3 optional context",
                        body(
                                ALICE,
                                READ,
                                RECORD_1,
                                "\"context\":{\"time\":\"2025-06-27T18:03-07:00\",\"ip\":\"192.168.1.1\"}"),
                        true),
                decided("c-2-2-4 deny by properties", body(ALICE, WRITE, ARCHIVED), false),
                decided("c-2-2-5 permit by subject's properties", body(ADMIN_BOB, WRITE, ARCHIVED), true),
                decided("c-2-2-6 permit by action's properties", body(ALICE, delete(true), RECORD_1), true),
                decided("c-2-2-7 deny by action's properties", body(ALICE, delete(false), RECORD_1), false),
                decided(
                        "c-2-2-8 additional properties",
                        body(
                                "\"subject\":{\"type\":\"user\",\"id\":\"alice\","
                                        + "\"properties\":{\"department\":\"Sales\",\"role\":\"manager\"}}",
                                "\"action\":{\"name\":\"read\",\"properties\":{\"method\":\"GET\"}}",
                                "\"resource\":{\"type\":\"record\",\"id\":\"record-1\","
                                        + "\"properties\":{\"status\":\"active\",\"owner\":\"bob\"}}"),
                        true),
                decided(
                        "c-2-2-9 unknown fields",
                        body(ALICE, READ, RECORD_1, "\"foo\":\"bar\"", "\"futureField\":{\"nested\":true}"),
                        true));
    }

    @Test
    void c_2_3_the_response_has_a_decision_and_its_context_is_an_object() {
        for (String asked : List.of(FIRST, body(BOB, WRITE, RECORD_1))) {
            var answer = guard.evaluate(asked).json();

            assertTrue(answer.get("decision").orElseThrow() instanceof JsonBoolean);
            assertTrue(answer.get("context").orElseThrow() instanceof JsonObject);
        }
    }

    @TestFactory
    Stream<DynamicTest> errors_c_2_4() {
        return Map.ofEntries(
                        Map.entry("c-2-4-1 no subject", body(READ, RECORD_1)),
                        Map.entry("c-2-4-1 no action", body(ALICE, RECORD_1)),
                        Map.entry("c-2-4-1 no resource", body(ALICE, READ)),
                        Map.entry("c-2-4-2 subject without type", FIRST.replace("\"type\":\"user\",", "")),
                        Map.entry("c-2-4-2 subject without id", FIRST.replace(",\"id\":\"alice\"", "")),
                        Map.entry("c-2-4-2 action without name", FIRST.replace("\"name\":\"read\"", "")),
                        Map.entry("c-2-4-2 resource without type", FIRST.replace("\"type\":\"record\",", "")),
                        Map.entry("c-2-4-2 resource without id", FIRST.replace(",\"id\":\"record-1\"", "")),
                        Map.entry("c-2-4-4 malformed", FIRST.substring(1)),
                        Map.entry("c-2-4-4 cut off", FIRST.substring(0, FIRST.length() - 1)),
                        Map.entry("c-2-4-6 subject is a text", body("\"subject\":\"alice\"", READ, RECORD_1)),
                        Map.entry("c-2-4-6 name is a number", FIRST.replace("\"read\"", "123")),
                        Map.entry("ours: a member twice", body(ALICE, BOB, READ, RECORD_1)),
                        Map.entry("ours: an array", "[" + FIRST + "]"))
                .entrySet()
                .stream()
                .sorted(Map.Entry.comparingByKey())
                .map(each -> dynamicTest(each.getKey(), () -> assertMalformed(guard.evaluate(each.getValue()))));
    }

    private static void assertMalformed(Served.Answer answer) {
        assertEquals(400, answer.status(), answer.text());
        assertEquals("malformed-call", answer.problem());
    }

    @Test
    void c_2_4_3_another_content_type_is_a_bad_request() {
        for (String type : List.of("text/plain", "application/xml", "application/x-www-form-urlencoded"))
            assertMalformed(guard.served.send(
                    AuthzenGuard.PEP, "POST", "/access/v1/evaluation", FIRST, Map.of("Content-Type", type)));
        assertDecision(
                true,
                guard.served.send(
                        AuthzenGuard.PEP,
                        "POST",
                        "/access/v1/evaluation",
                        FIRST,
                        Map.of("Content-Type", "application/json; charset=utf-8")));
    }

    @Test
    void c_2_4_5_an_empty_body_is_a_bad_request() {
        assertMalformed(guard.served.send(
                AuthzenGuard.PEP, "POST", "/access/v1/evaluation", "", Map.of("Content-Type", "application/json")));
        assertMalformed(guard.served.post(AuthzenGuard.PEP, "/access/v1/evaluation", ""));
    }

    @Test
    void c_2_5_1_the_request_id_is_in_every_answer() {
        var sent = Map.of("X-Request-ID", "bfe9eb29-ab87-4ca3-be83-a1d5d8305716");
        for (String path : List.of("/access/v1/evaluation", "/access/v1/evaluations", "/access/v1/requests"))
            for (String body : List.of(FIRST, "{}", "broken")) assertEchoed(AuthzenGuard.PEP, "POST", path, body, sent);
        assertEchoed("", "POST", "/access/v1/evaluation", FIRST, sent);
        assertEchoed(Served.ANN, "POST", "/access/v1/evaluation", FIRST, sent);
        assertEchoed(AuthzenGuard.PEP, "GET", "/access/v1/requests/apr_none", "", sent);
        assertEchoed(AuthzenGuard.PEP, "PUT", "/access/v1/evaluation", FIRST, sent);
        assertEchoed("", "GET", "/.well-known/authzen-configuration", "", sent);
    }

    private static void assertEchoed(String key, String method, String path, String body, Map<String, String> sent) {
        var answer = guard.served.send(key, method, path, body, sent);
        assertEquals(
                sent.get("X-Request-ID"),
                answer.headers().get("x-request-id"),
                method + " " + path + " " + answer.status());
    }

    @Test
    void c_2_5_1_what_is_no_plain_id_is_not_repeated() {
        for (String id : List.of("x".repeat(257), "a\tb"))
            assertFalse(guard.served
                    .send(AuthzenGuard.PEP, "POST", "/access/v1/evaluation", FIRST, Map.of("X-Request-ID", id))
                    .headers()
                    .containsKey("x-request-id"));
        assertEchoed(AuthzenGuard.PEP, "POST", "/access/v1/evaluation", FIRST, Map.of("X-Request-ID", "x".repeat(256)));
    }

    @Test
    void c_2_5_2_no_request_id_is_needed() {
        var answer = guard.evaluate(FIRST);

        assertDecision(true, answer);
        assertFalse(answer.headers().containsKey("x-request-id"));
    }

    @Test
    void c_2_6_the_same_question_has_the_same_answer() {
        for (int times = 0; times < 5; times++) {
            assertDecision(true, guard.evaluate(FIRST));
            assertDecision(false, guard.evaluate(body(BOB, WRITE, RECORD_1)));
        }
    }

    private static void assertDecisions(List<Boolean> expected, String body) {
        var answer = guard.evaluations(body);
        assertEquals(200, answer.status(), answer.text());
        assertEquals("application/json", answer.headers().get("content-type"));
        assertFalse(answer.json().has("decision"), "c-3-3-4");
        assertEquals(
                expected,
                answer.json().array("evaluations").orElseThrow().objects().stream()
                        .map(each -> each.get("decision").orElseThrow())
                        .map(JsonBoolean.TRUE::equals)
                        .toList(),
                answer.text());
    }

    private static String several(String... items) {
        return "\"evaluations\":[" + String.join(",", items) + "]";
    }

    private static DynamicTest batch(String id, List<Boolean> expected, String body) {
        return dynamicTest(id, () -> assertDecisions(expected, body));
    }

    @TestFactory
    Stream<DynamicTest> batch_core_and_properties_c_3_2() {
        return Stream.of(
                batch("c-3-2-1", List.of(true, true), body(ALICE, READ, several(body(RECORD_1), body(RECORD_2)))),
                batch("c-3-2-2", List.of(true, false), body(BOB, RECORD_1, several(body(READ), body(WRITE)))),
                batch(
                        "c-3-2-3",
                        List.of(true, false),
                        body(
                                ALICE,
                                WRITE,
                                several(
                                        "{\"resource\":{\"type\":\"record\",\"id\":\"record-1\","
                                                + "\"properties\":{\"status\":\"active\"}}}",
                                        body(ARCHIVED)))),
                batch("c-3-2-4", List.of(false, true), body(WRITE, ARCHIVED, several(body(ALICE), body(ADMIN_BOB)))),
                batch(
                        "c-3-2-5",
                        List.of(true, false),
                        body(several(body(ALICE, READ, RECORD_1), body(BOB, WRITE, RECORD_1)))),
                batch(
                        "c-3-2-6",
                        List.of(true, true),
                        body(
                                ALICE,
                                READ,
                                "\"context\":{\"time\":\"2025-06-27T18:03-07:00\"}",
                                several(
                                        body(RECORD_1),
                                        body(
                                                RECORD_2,
                                                "\"context\":{\"time\":\"2025-06-27T19:00-07:00\","
                                                        + "\"source\":\"batch-override\"}")))),
                batch(
                        "c-3-2-7",
                        List.of(true, false),
                        body(
                                ALICE,
                                WRITE,
                                "\"resource\":{\"type\":\"record\"}",
                                several(
                                        "{\"resource\":{\"id\":\"record-1\",\"properties\":{\"status\":\"active\"}}}",
                                        body(ARCHIVED)))));
    }

    @Test
    void c_3_2_7_an_entity_replaces_the_shared_one_with_its_properties() {
        assertDecisions(
                List.of(true, false),
                body(ALICE, WRITE, ARCHIVED, several("{\"resource\":{\"id\":\"record-2\"}}", "{}")));
    }

    @Test
    void c_3_3_as_many_answers_as_questions_in_their_order() {
        assertDecisions(
                List.of(true, false, true, false, true),
                body(BOB, RECORD_1, several(body(READ), body(WRITE), body(READ), body(WRITE), body(READ))));
    }

    @Test
    void c_3_4_1_what_is_wrong_with_one_is_wrong_with_that_one() {
        assertDecisions(List.of(true, false), body(ALICE, READ, several(body(RECORD_1), "{}")));
        assertDecisions(
                List.of(true, false, false, true),
                body(ALICE, READ, several(body(RECORD_1), "7", "{\"resource\":\"record-1\"}", body(RECORD_2))));

        Json second = guard.evaluations(body(ALICE, READ, several(body(RECORD_1), "{}")))
                .json()
                .array("evaluations")
                .orElseThrow()
                .items()
                .get(1);
        assertTrue(second.toString().contains("\"status\":400"), second.toString());
    }

    @Test
    void c_3_4_1_what_is_wrong_with_all_is_a_bad_request() {
        assertMalformed(guard.evaluations(body(ALICE, READ, "\"evaluations\":7")));
        assertMalformed(guard.evaluations(body("\"subject\":\"alice\"", READ, several(body(RECORD_1)))));
        assertMalformed(guard.evaluations("[]"));
        assertMalformed(guard.evaluations(body(ALICE, READ, several(items(101)))));
        assertMalformed(guard.evaluations(
                body(ALICE, READ, "\"options\":{\"evaluations_semantic\":\"guess\"}", several(body(RECORD_1)))));
    }

    @Test
    void a_hundred_are_answered() {
        var answer = guard.evaluations(body(ALICE, READ, several(items(100))));

        assertEquals(
                100, answer.json().array("evaluations").orElseThrow().items().size());
    }

    private static String[] items(int count) {
        return Stream.generate(() -> "{}").limit(count).toArray(String[]::new);
    }

    @Test
    void c_3_4_2_and_c_3_4_3_without_evaluations_it_is_a_single_one() {
        assertDecision(true, guard.evaluations(FIRST));
        assertDecision(true, guard.evaluations(body(ALICE, READ, RECORD_1, "\"evaluations\":[]")));
        assertDecision(false, guard.evaluations(body(BOB, WRITE, RECORD_1)));
        assertMalformed(guard.evaluations(body(ALICE, READ)));
    }

    @Test
    void a_batch_ends_where_it_is_told_to() {
        String five = several(body(READ), body(READ), body(WRITE), body(READ), body(WRITE));

        assertDecisions(List.of(true, true, false, true, false), body(BOB, RECORD_1, semantic("execute_all"), five));
        assertDecisions(List.of(true, true, false), body(BOB, RECORD_1, semantic("deny_on_first_deny"), five));
        assertDecisions(List.of(true), body(BOB, RECORD_1, semantic("permit_on_first_permit"), five));
    }

    private static String semantic(String word) {
        return "\"options\":{\"evaluations_semantic\":\"" + word + "\"}";
    }

    @Test
    void c_5_a_credential_is_needed_and_an_operators_is_none() {
        assertEquals(401, guard.evaluate("", FIRST).status());
        assertEquals(403, guard.evaluate(Served.ANN, FIRST).status());
        assertDecision(true, guard.evaluate(FIRST));
    }

    @Test
    void c_6_metadata_names_what_there_is() {
        var answer = guard.served.get("", "/.well-known/authzen-configuration");
        var metadata = answer.json();
        String base = guard.served.sidecar.url().toString();

        assertEquals(200, answer.status());
        assertEquals("application/json", answer.headers().get("content-type"));
        assertEquals(base, metadata.text("policy_decision_point").orElseThrow());
        assertEquals(base + "/access/v1/evaluation", answer.text("access_evaluation_endpoint"));
        assertEquals(base + "/access/v1/evaluations", answer.text("access_evaluations_endpoint"));
        assertEquals(base + "/access/v1/requests", answer.text("access_request_endpoint"));
        assertEquals("[\"custom\"]", answer.get("obligations_supported").toString());
        assertEquals(
                List.of("urn:openid:authzen:capability:access-request"),
                metadata.array("capabilities").orElseThrow().texts());
        assertTrue(metadata.members().keySet().stream().noneMatch(name -> name.startsWith("search")));
    }

    @Test
    void c_6_5_behind_a_configured_name_every_address_is_https() throws IOException {
        var metadata = metadata("pdp.example");

        assertEquals(
                "https://pdp.example", metadata.text("policy_decision_point").orElseThrow());
        assertTrue(metadata.members().entrySet().stream()
                .filter(member -> member.getKey().endsWith("_endpoint"))
                .allMatch(member -> member.getValue().toString().startsWith("\"https://pdp.example/")));
    }

    private static JsonObject metadata(String host) throws IOException {
        try (var socket = guard.served.socket()) {
            socket.getOutputStream()
                    .write(("GET /.well-known/authzen-configuration HTTP/1.1\r\nHost: " + host
                                    + "\r\nConnection: close\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return (JsonObject) StrictJson.parse(
                    answer.substring(answer.indexOf("\r\n\r\n") + 4).getBytes(StandardCharsets.UTF_8));
        }
    }
}
