package dev.guardrail.server.identity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.server.wiring.Served;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is asked of every request before a door sees it.
class DoorkeeperSpec {
    private static final List<String> ROUTES = List.of(
            "GET /health/live", "GET /metrics", "GET /v1/tools", "GET /mcp/crm", "POST /v1/calls", "GET /nothing");

    private static Served served;

    @BeforeAll
    static void start(@TempDir Path directory) throws Exception {
        served = Served.in(directory);
    }

    @AfterAll
    static void stop() throws Exception {
        served.close();
    }

    private static String status(String route, String headers) throws IOException {
        String line = served.raw(route + " HTTP/1.1\r\n" + headers + "Content-Length: 0\r\nConnection: close\r\n\r\n");
        return line.split(" ")[1];
    }

    @Test
    void a_foreign_or_absent_host_is_refused_on_every_route() throws IOException {
        for (String route : ROUTES) {
            for (String host : List.of(
                    "Host: evil.example\r\n",
                    "Host: 0.0.0.0:7457\r\n",
                    "Host: localhost.evil.example\r\n",
                    "Host: localhost.\r\n",
                    "Host: 127.0.0.1.nip.io\r\n",
                    "Host: 127.0.0.1@evil.example\r\n",
                    "Host: [::2]\r\n",
                    "Host: \r\n",
                    "")) assertTrue(List.of("403", "400").contains(status(route, host)), route + " " + host);
            assertEquals("403", status(route, "Host: evil.example\r\n"), route);
        }
    }

    @Test
    void loopback_names_and_configured_ones_are_listened_to() throws IOException {
        for (String host : List.of(
                "localhost",
                "LOCALHOST:80",
                "127.0.0.1",
                "127.0.0.1:7457",
                "[::1]:7457",
                "guardrail.example",
                "guardrail.example:443"))
            assertEquals("200", status("GET /health/live", "Host: " + host + "\r\n"), host);
        assertEquals("403", status("GET /health/live", "Host: guardrail.example:8443\r\n"));
    }

    @Test
    void two_hosts_are_none() throws IOException {
        String answer = status("GET /health/live", "Host: localhost\r\nHost: evil.example\r\n");
        assertTrue(List.of("400", "403").contains(answer), answer);
    }

    @Test
    void pages_of_foreign_origins_are_refused_on_every_route() throws IOException {
        for (String route : ROUTES)
            for (String origin : List.of(
                    "https://evil.example",
                    "null",
                    "http://guardrail.example",
                    "https://guardrail.example.evil.example",
                    "https://localhost.evil.example",
                    "file://",
                    "http://0.0.0.0",
                    "chrome-extension://abc"))
                assertEquals(
                        "403",
                        status(
                                route,
                                "Host: localhost\r\nOrigin: " + origin + "\r\nAuthorization: Bearer " + Served.CODER
                                        + "\r\n"),
                        route + " " + origin);
    }

    @Test
    void pages_of_loopback_and_of_configured_origins_may_speak() throws IOException {
        for (String origin : List.of("http://localhost:3000", "http://127.0.0.1:7457", "https://guardrail.example"))
            assertEquals("200", status("GET /health/live", "Host: localhost\r\nOrigin: " + origin + "\r\n"), origin);
        assertEquals("200", status("GET /health/live", "Host: localhost\r\n"));
    }

    @Test
    void only_one_whole_bearer_token_is_a_credential() throws IOException {
        for (String header : List.of(
                "",
                "Authorization: Bearer\r\n",
                "Authorization: Bearer " + Served.CODER.substring(1) + "\r\n",
                "Authorization: Bearer " + Served.CODER + "x\r\n",
                "Authorization: Bearer " + Served.CODER.toUpperCase(java.util.Locale.ROOT) + "\r\n",
                "Authorization: Basic " + Served.CODER + "\r\n",
                "Authorization: " + Served.CODER + "\r\n",
                "Authorization: Bearer a " + Served.CODER + "\r\n",
                "Authorization: Bearer " + Served.CODER + "\r\nAuthorization: Bearer " + Served.OTHER + "\r\n",
                "X-Api-Key: " + Served.CODER + "\r\n",
                "Cookie: token=" + Served.CODER + "\r\n"))
            assertEquals("401", status("GET /v1/tools", "Host: localhost\r\n" + header), header);
        assertEquals("401", status("GET /v1/tools?access_token=" + Served.CODER, "Host: localhost\r\n"));
        for (String header : List.of(
                "Authorization: Bearer " + Served.CODER + "\r\n", "authorization: bearer " + Served.CODER + "\r\n"))
            assertEquals("200", status("GET /v1/tools", "Host: localhost\r\n" + header), header);
    }

    @Test
    void who_shows_nothing_is_told_what_to_show() {
        var answer = served.get("", "/v1/tools");

        assertEquals(401, answer.status());
        assertEquals("unauthenticated", answer.problem());
        assertTrue(
                answer.headers().get("www-authenticate").startsWith("Bearer"),
                answer.headers().toString());
    }

    @Test
    void a_session_token_is_the_agent_in_that_session_until_it_ends() {
        var opened = served.post(Served.APP, "/v1/sessions", "{\"user\":\"eve\",\"task\":\"pay\"}");
        assertEquals(201, opened.status());
        String token = opened.text("token");
        String session = opened.text("session");

        assertEquals(session, served.propose(token, "crm.get", "{}").text("session"));
        assertEquals(403, served.get(token, "/v1/approvals").status());
        assertEquals(
                403,
                served.post(token, "/v1/sessions/" + session + "/messages", "{}")
                        .status());

        assertEquals(
                200,
                served.post(Served.ROOT, "/v1/sessions/" + session + "/end", "").status());
        assertEquals(401, served.propose(token, "crm.get", "{}").status());
    }

    @Test
    void refusals_are_counted() {
        served.get("", "/v1/tools");
        String metrics = served.get(Served.SAM, "/metrics").text();

        assertTrue(metrics.contains("guardrail_wire_refusals_total{door=\"http\",fault=\"unauthenticated\"}"), metrics);
    }

    @Test
    void the_wrong_way_of_writing_a_path_opens_nothing() throws IOException {
        for (String path : List.of(
                "/v1/approvals/x/approve/",
                "//v1/approvals",
                "/v1/%61pprovals",
                "/v1/./approvals",
                "/v1/tools/../approvals",
                "/V1/approvals",
                "/v1/approvals;x=1",
                "/v1/approvals%2F"))
            assertTrue(
                    List.of("400", "403", "404", "405")
                            .contains(status(
                                    "GET " + path,
                                    "Host: localhost\r\nAuthorization: Bearer " + Served.CODER + "\r\n")),
                    path);
    }
}
