package dev.guardrail.server.door.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.JsonObject;
import dev.guardrail.server.wiring.Served;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The kill switch over HTTP, on a whole guard.
class StopDoorSpec {
    @TempDir
    private Path directory;

    private Served served;

    @BeforeEach
    void start() throws Exception {
        served = Served.in(directory);
    }

    @AfterEach
    void end() throws IOException {
        served.close();
    }

    private Served.Answer order(String key, String body) {
        return served.post(key, "/v1/stop", body);
    }

    private Served.Answer all(String key) {
        return order(key, "{\"scope\":\"all\",\"reason\":\"it runs wild\"}");
    }

    private Served.Answer lift(String key, String id) {
        return served.send(key, "DELETE", "/v1/stop/" + id, "", Map.of());
    }

    private List<JsonObject> inForce() {
        return served.get(Served.SAM, "/v1/stop")
                .json()
                .array("items")
                .orElseThrow()
                .objects();
    }

    private Served.Answer get() {
        return served.propose(Served.CODER, "crm.get", "{}");
    }

    private static void assertStopped(Served.Answer answer) {
        assertEquals(200, answer.status(), answer::text);
        assertEquals("stopped", answer.text("cause"), answer::text);
        assertEquals("false", answer.get("executed").toString());
    }

    @Test
    void an_admin_stops_everything_and_lifts_it() {
        assertEquals("permitted", get().text("state"));

        var stop = all(Served.ROOT);

        assertEquals(201, stop.status(), stop::text);
        assertTrue(stop.text("id").startsWith("stp_"), stop::text);
        assertEquals("all", stop.text("scope"));
        assertEquals("root", stop.text("by"));
        assertEquals("it runs wild", stop.text("reason"));
        assertEquals(
                "{\"approvals\":0,\"leases\":1,\"queued\":0,\"running\":0}",
                stop.get("swept").toString());
        var denied = get();
        assertStopped(denied);
        assertEquals("denied", denied.text("state"));
        assertEquals("deny", denied.text("effect"));
        assertTrue(
                denied.text("message")
                        .endsWith("Everything is stopped here. Only an administrator of this guard can lift that."),
                denied::text);
        assertFalse(denied.text().contains("root") || denied.text().contains("wild"), denied::text);

        var lifted = lift(Served.ROOT, stop.text("id"));
        assertEquals(200, lifted.status(), lifted::text);
        assertEquals("root", lifted.text("liftedBy"));
        assertEquals("permitted", get().text("state"));
        assertEquals(List.of(), inForce());
    }

    @Test
    void an_approver_stops_and_does_not_lift() {
        var stop = all(Served.ANN);

        assertEquals(201, stop.status(), stop::text);
        assertEquals(403, lift(Served.ANN, stop.text("id")).status());
        assertStopped(get());
        assertEquals(200, lift(Served.ROOT, stop.text("id")).status());
    }

    @Test
    void whoever_is_no_approver_or_admin_stops_nothing() {
        for (String key : List.of(Served.CODER, Served.APP, Served.SAM)) {
            var refused = all(key);
            assertEquals(403, refused.status(), refused::text);
            assertEquals("forbidden-route", refused.problem());
        }
        assertEquals(List.of(), inForce());
        assertEquals("permitted", get().text("state"));

        var stop = all(Served.ROOT);
        for (String key : List.of(Served.CODER, Served.APP, Served.SAM, Served.ANN))
            assertEquals(403, lift(key, stop.text("id")).status());
        assertStopped(get());
    }

    @Test
    void agents_and_hosts_do_not_see_the_stops_and_operators_do() {
        all(Served.ROOT);

        for (String key : List.of(Served.CODER, Served.APP))
            assertEquals(403, served.get(key, "/v1/stop").status());
        for (String key : List.of(Served.ANN, Served.SAM, Served.ROOT)) {
            var seen = served.get(key, "/v1/stop");
            assertEquals(200, seen.status());
            assertTrue(seen.text().contains("it runs wild"), seen::text);
        }
    }

    @Test
    void a_held_call_of_a_stopped_agent_is_cancelled_and_cannot_be_approved() {
        var held = served.propose(Served.CODER, "crm.pay", "{\"amount\":5}");
        var others = served.propose(Served.OTHER, "crm.pay", "{\"amount\":5}");

        var stop = order(Served.ANN, "{\"scope\":\"agent\",\"id\":\"coder\",\"reason\":\"odd payments\"}");

        assertEquals("coder", stop.text("target"));
        assertEquals(
                "{\"approvals\":1,\"leases\":0,\"queued\":0,\"running\":0}",
                stop.get("swept").toString());
        var refused = vote(held);
        assertEquals(409, refused.status(), refused::text);
        assertEquals("ticket-closed", refused.problem());
        var state = served.get(Served.CODER, "/v1/calls/" + held.text("callId"));
        assertStopped(state);
        assertEquals("cancelled", state.text("state"));
        assertEquals("deny", state.text("effect"));
        assertEquals(200, vote(others).status(), "the other agent is not stopped");
    }

    private Served.Answer vote(Served.Answer held) {
        String approval =
                held.json().object("approval").orElseThrow().text("id").orElseThrow();
        return served.post(
                Served.ANN,
                "/v1/approvals/" + approval + "/approve",
                "{\"argumentsDigest\":\"" + held.text("argumentsDigest") + "\"}");
    }

    @Test
    void a_permit_that_was_taken_back_is_seen_as_such_and_still_takes_a_report() {
        var permitted = get();
        String call = "/v1/calls/" + permitted.text("callId");
        order(Served.ROOT, "{\"scope\":\"server\",\"id\":\"crm\",\"reason\":\"the crm is down\"}");

        var state = served.get(Served.CODER, call);
        assertEquals("cancelled", state.text("state"), state::text);
        assertEquals("stopped", state.text("cause"));
        assertFalse(state.json().has("executed"), "nobody knows whether its caller ran it before");
        assertEquals(
                "cancelled", served.post(Served.CODER, call + "/execute", "").text("state"));
        var report = served.post(Served.CODER, call + "/result", "{\"ok\":true,\"result\":{}}");
        assertEquals(200, report.status(), report::text);
        assertEquals("succeeded", served.get(Served.CODER, call).text("state"));
    }

    @Test
    void a_name_that_is_not_there_stops_nothing_and_says_so() {
        for (String body : List.of(
                "{\"scope\":\"agent\",\"id\":\"codr\",\"reason\":\"x\"}",
                "{\"scope\":\"server\",\"id\":\"cmr\",\"reason\":\"x\"}",
                "{\"scope\":\"tool\",\"id\":\"cmr.pay\",\"reason\":\"x\"}",
                "{\"scope\":\"session\",\"id\":\"ses_none\",\"reason\":\"x\"}")) {
            var refused = order(Served.ROOT, body);
            assertEquals(404, refused.status(), refused::text);
        }
        assertTrue(
                order(Served.ROOT, "{\"scope\":\"agent\",\"id\":\"codr\",\"reason\":\"x\"}")
                        .text()
                        .contains("bot, coder, other"),
                "those that there are are named");
        for (String body : List.of(
                "{\"scope\":\"world\",\"reason\":\"x\"}",
                "{\"scope\":\"agent\",\"reason\":\"x\"}",
                "{\"scope\":\"all\",\"id\":\"coder\",\"reason\":\"x\"}",
                "{\"scope\":\"tool\",\"id\":\"pay\",\"reason\":\"x\"}",
                "{\"scope\":\"all\"}",
                "{\"scope\":\"all\",\"reason\":\" \"}",
                "{\"scope\":\"all\",\"reason\":\"x\",\"more\":1}",
                "{\"scope\":\"all\",\"reason\":\"" + "x".repeat(2_001) + "\"}",
                "")) {
            var refused = order(Served.ROOT, body);
            assertEquals(400, refused.status(), refused::text);
        }
        assertEquals(404, lift(Served.ROOT, "stp_none").status());
        assertEquals(404, lift(Served.ROOT, "generation").status());
        assertEquals(List.of(), inForce());
        assertEquals(
                201,
                order(Served.ROOT, "{\"scope\":\"tool\",\"id\":\"crm.pay\",\"reason\":\"x\"}")
                        .status());
    }

    @Test
    void stops_are_listed_in_pages_and_counted() {
        for (String tool : List.of("crm.get", "crm.pay", "crm.drop"))
            order(Served.ROOT, "{\"scope\":\"tool\",\"id\":\"" + tool + "\",\"reason\":\"x\"}");

        var first = served.get(Served.SAM, "/v1/stop?limit=2");
        var rest = served.get(Served.SAM, "/v1/stop?limit=2&after=" + first.text("next"));

        assertEquals(2, first.json().array("items").orElseThrow().objects().size());
        assertEquals(1, rest.json().array("items").orElseThrow().objects().size());
        assertFalse(rest.json().has("next"));
        String metrics = served.get(Served.SAM, "/metrics").text();
        assertTrue(metrics.contains("guardrail_stops_active{scope=\"tool\"} 3.0"), metrics);
        assertTrue(metrics.contains("guardrail_stops_active{scope=\"all\"} 0.0"), metrics);
    }

    @Test
    void a_stop_outlives_the_process() throws Exception {
        var held = served.propose(Served.CODER, "crm.pay", "{\"amount\":5}");
        var stop = all(Served.ROOT);
        served.close();
        served = Served.in(directory);

        assertStopped(get());
        assertStopped(served.get(Served.CODER, "/v1/calls/" + held.text("callId")));
        assertEquals(stop.text("id"), inForce().getFirst().text("id").orElseThrow());

        lift(Served.ROOT, stop.text("id"));
        assertEquals("permitted", get().text("state"));
    }

    @Test
    void the_audit_log_finds_a_stop_by_what_it_stopped() {
        var stop = order(Served.ANN, "{\"scope\":\"agent\",\"id\":\"coder\",\"reason\":\"odd payments\"}");
        lift(Served.ROOT, stop.text("id"));

        for (String kind : List.of("stopped", "stop_lifted")) {
            var found = served.get(Served.SAM, "/v1/audit/entries?q=kind:" + kind + "%20agent:coder");
            assertTrue(found.text().contains(stop.text("id")), found::text);
            assertFalse(found.text().contains("odd payments"), found::text);
        }
    }
}
