package dev.guardrail.server.identity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.server.identity.Routes.Role;
import dev.guardrail.server.wiring.Served;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The table of routes against the running server: nothing is served that it does not name, and each credential gets
/// exactly what the table gives it.
class RoutesSpec {
    private static final Map<Role, String> KEYS = new EnumMap<>(Map.of(
            Role.AGENT, Served.CODER,
            Role.HOST, Served.APP,
            Role.APPROVER, Served.ANN,
            Role.AUDITOR, Served.SAM,
            Role.ADMIN, Served.ROOT));

    private static Served served;

    @BeforeAll
    static void start(@TempDir Path directory) throws Exception {
        Served.write(
                directory.resolve("guardrail.yaml"),
                Served.CONFIGURATION + "identity: {oauth: {issuer: \"https://id.example\","
                        + " audience: \"https://guardrail.example\"}}\n");
        Files.createDirectory(directory.resolve("policies"));
        Served.write(directory.resolve("policies/rules.yaml"), Served.RULES);
        served = Served.in(directory);
    }

    @AfterAll
    static void stop() throws Exception {
        served.close();
    }

    @Test
    void the_table_names_every_route_there_is_and_no_other() {
        var named = new TreeSet<>(Routes.TABLE.keySet());
        named.addAll(Routes.OPEN);
        named.removeIf(route -> route.startsWith("HEAD "));

        assertEquals(named, routes());
    }

    @Test
    void what_the_framework_adds_to_answer_HEAD_opens_nothing_but_health() {
        for (String route : Routes.TABLE.keySet())
            if (route.startsWith("GET "))
                assertEquals(
                        403, send(Served.ROOT, route.replace("GET ", "HEAD ")).status(), route);
        assertEquals(200, send("", "HEAD /health/ready").status());
    }

    @Test
    void every_route_but_health_and_metadata_needs_a_credential() {
        for (String route : routes()) {
            int status = send("", route).status();
            // Of what is named by an id, nobody learns whether it is there.
            if (Routes.OPEN.contains(route)) assertEquals(route.contains("approvals/{id}") ? 404 : 200, status, route);
            else assertEquals(401, status, route);
        }
    }

    @Test
    void each_credential_opens_its_own_routes_and_no_others() {
        int opened = 0;
        int closed = 0;
        for (var entry : Routes.TABLE.entrySet()) {
            for (var key : KEYS.entrySet()) {
                var answer = send(key.getValue(), entry.getKey());
                String what = key.getKey() + " on " + entry.getKey() + ": " + answer.text();
                if (entry.getValue().contains(key.getKey())) {
                    opened++;
                    // Whatever comes of it, it came from behind the door.
                    boolean turnedAway = answer.status() == 403 && answer.text().contains("forbidden-route");
                    assertTrue(answer.status() != 401 && !turnedAway, what);
                } else {
                    closed++;
                    assertEquals(403, answer.status(), what);
                    assertEquals("forbidden-route", answer.problem(), what);
                }
            }
        }
        assertTrue(opened > 40 && closed > 40, opened + " opened, " + closed + " closed");
    }

    @Test
    void an_agent_opens_no_route_of_operators() {
        for (var entry : Routes.TABLE.entrySet()) {
            boolean operators = entry.getKey().matches(".*/(approve|deny|pause|resume|end|accept|audit/.*)");
            if (operators)
                assertTrue(
                        entry.getValue().stream().noneMatch(Set.of(Role.AGENT, Role.HOST)::contains), entry.getKey());
        }
        assertNotEquals(Set.of(), Routes.TABLE.get("POST /v1/approvals/{id}/approve"));
    }

    /// Without pages, whose visitors sign in: the console's own tests walk those.
    private static Set<String> routes() {
        var routes = new TreeSet<>(served.routes());
        routes.removeIf(route -> Routes.isPage(route.substring(route.indexOf(' ') + 1)));
        return routes;
    }

    private static Served.Answer send(String key, String route) {
        String[] parts = route.split(" ", 2);
        String path = parts[1].replace("{number}", "0").replaceAll("\\{[a-z]+}", "none");
        String body = parts[0].equals("POST") ? "{}" : "";
        return served.send(key, parts[0], path, body, Map.of());
    }
}
