package dev.guardrail.server.door.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.server.wiring.Served;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Who opens sessions for whom, and what can be done with them.
class SessionsDoorSpec {
    private static Served served;

    @BeforeAll
    static void start(@TempDir Path directory) throws Exception {
        served = Served.in(directory);
    }

    @AfterAll
    static void stop() throws Exception {
        served.close();
    }

    private static Served.Answer open(String key, String body) {
        return served.post(key, "/v1/sessions", body);
    }

    @Test
    void a_host_opens_a_session_for_its_only_agent_and_its_user() {
        var opened = open(Served.APP, "{\"user\":\"eve\",\"task\":\"Book a flight\"}");
        assertEquals(201, opened.status());
        assertTrue(opened.text("token").matches("grd_[A-Za-z0-9_-]{43}"));
        assertTrue(opened.json().has("expiresAt"));

        var session = served.get(Served.SAM, "/v1/sessions/" + opened.text("session"));
        assertEquals("bot", session.text("agent"));
        assertEquals("eve", session.text("user"));
        assertEquals("host:app", session.text("openedBy"));
        assertEquals("active", session.text("state"));
        assertFalse(session.text().contains(opened.text("token")));
    }

    @Test
    void a_host_speaks_for_its_own_agents_alone() {
        assertEquals("not-eligible", open(Served.APP, "{\"agent\":\"coder\"}").problem());
        assertEquals(201, open(Served.APP, "{\"agent\":\"bot\"}").status());
    }

    @Test
    void an_agent_opens_sessions_for_itself_and_names_no_user() {
        assertEquals(201, open(Served.CODER, "{\"task\":\"my own claim\"}").status());
        assertEquals("not-eligible", open(Served.CODER, "{\"agent\":\"other\"}").problem());
        assertEquals("not-eligible", open(Served.CODER, "{\"user\":\"ann\"}").problem());
    }

    @Test
    void a_child_belongs_to_its_parents_user_and_a_token_opens_children_of_its_session_alone() {
        var parent = open(Served.APP, "{\"user\":\"eve\"}");
        var child = open(parent.text("token"), "{}");
        assertEquals(201, child.status());
        var shown = served.get(Served.SAM, "/v1/sessions/" + child.text("session"));

        assertEquals(parent.text("session"), shown.text("parent"));
        assertEquals("eve", shown.text("user"));
        var stranger = open(Served.APP, "{}");
        assertEquals(
                404,
                open(parent.text("token"), "{\"parent\":\"" + stranger.text("session") + "\"}")
                        .status());
        assertEquals(
                404,
                open(Served.CODER, "{\"parent\":\"" + parent.text("session") + "\"}")
                        .status());
    }

    @Test
    void only_the_host_that_opened_it_adds_what_the_user_said() {
        String own = open(Served.APP, "{\"user\":\"eve\"}").text("session");
        String other = open(Served.CODER, "{}").text("session");
        String said = "{\"role\":\"user\",\"text\":\"to eve@x.example\"}";

        assertEquals(
                204,
                served.post(Served.APP, "/v1/sessions/" + own + "/messages", said)
                        .status());
        assertEquals(
                404,
                served.post(Served.APP, "/v1/sessions/" + other + "/messages", said)
                        .status());
        assertEquals(
                403,
                served.post(Served.CODER, "/v1/sessions/" + own + "/messages", said)
                        .status());
        assertEquals(
                400,
                served.post(Served.APP, "/v1/sessions/" + own + "/messages", said.replace("user", "system"))
                        .status());
        assertEquals(
                "1",
                served.get(Served.SAM, "/v1/sessions/" + own).get("messages").toString());
    }

    @Test
    void a_paused_session_runs_nothing_until_it_is_resumed() {
        var opened = open(Served.APP, "{}");
        String path = "/v1/sessions/" + opened.text("session");

        assertEquals("paused", served.post(Served.ROOT, path + "/pause", "").text("state"));
        assertEquals(
                "deny", served.propose(opened.text("token"), "crm.get", "{}").text("effect"));
        assertEquals("active", served.post(Served.ROOT, path + "/resume", "").text("state"));
        assertEquals(
                "allow", served.propose(opened.text("token"), "crm.get", "{}").text("effect"));
        assertEquals("ended", served.post(Served.ROOT, path + "/end", "").text("state"));
        assertEquals("conflict", served.post(Served.ROOT, path + "/resume", "").problem());
        assertEquals(
                404, served.post(Served.ROOT, "/v1/sessions/ses_none/end", "").status());
    }

    @Test
    void sessions_are_listed_in_pages() {
        for (int i = 0; i < 3; i++) open(Served.APP, "{}");
        var first = served.get(Served.SAM, "/v1/sessions?limit=2").json();
        var second = served.get(
                        Served.SAM,
                        "/v1/sessions?limit=2&after=" + first.text("next").orElseThrow())
                .json();

        assertEquals(2, first.array("items").orElseThrow().items().size());
        String last = first.array("items")
                .orElseThrow()
                .objects()
                .getLast()
                .text("id")
                .orElseThrow();
        String next = second.array("items")
                .orElseThrow()
                .objects()
                .getFirst()
                .text("id")
                .orElseThrow();
        assertTrue(last.compareTo(next) < 0);
        assertEquals(400, served.get(Served.SAM, "/v1/sessions?limit=0").status());
        assertEquals(400, served.get(Served.SAM, "/v1/sessions?limit=2&limit=3").status());
    }
}
