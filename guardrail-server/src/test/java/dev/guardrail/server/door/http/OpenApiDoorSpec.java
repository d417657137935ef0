package dev.guardrail.server.door.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import dev.guardrail.server.wiring.Served;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The description of the interface against the interface.
class OpenApiDoorSpec {
    private static final List<String> METHODS = List.of("get", "post", "put", "delete", "patch");
    private static Served served;

    @BeforeAll
    static void start(@TempDir Path directory) throws Exception {
        served = Served.in(directory);
    }

    @AfterAll
    static void stop() throws Exception {
        served.close();
    }

    @Test
    void it_describes_every_route_and_no_other() {
        var document = served.get(Served.CODER, "/openapi.json").json();
        var described = new TreeSet<String>();
        document.object("paths")
                .orElseThrow()
                .members()
                .forEach((path, item) -> ((JsonObject) item)
                        .members().keySet().stream()
                                .filter(METHODS::contains)
                                .forEach(method -> described.add(method.toUpperCase(Locale.ROOT) + " " + path)));

        assertTrue(document.text("openapi").orElseThrow().startsWith("3.1."));
        // Pages are for people, and no interface.
        var routes = new TreeSet<>(served.routes());
        routes.removeIf(route -> route.endsWith(" /") || route.contains(" /console"));
        assertEquals(routes, described);
    }

    @Test
    void every_reference_leads_somewhere() {
        var document = served.get(Served.CODER, "/openapi.json").json();
        var references = new TreeSet<String>();
        collect(document, references);

        assertTrue(references.size() > 10);
        for (String reference : references) {
            Json at = document;
            for (String name : reference.substring(2).split("/"))
                at = ((JsonObject) at).get(name).orElseThrow(() -> new AssertionError(reference));
        }
    }

    @Test
    void the_same_is_served_as_yaml() {
        assertTrue(served.get(Served.CODER, "/openapi.yaml").text().startsWith("openapi: 3.1."));
    }

    private static void collect(Json json, TreeSet<String> references) {
        switch (json) {
            case JsonObject object ->
                object.members().forEach((name, value) -> {
                    if (name.equals("$ref") && value instanceof JsonText(String text)) references.add(text);
                    collect(value, references);
                });
            case JsonArray array -> array.items().forEach(item -> collect(item, references));
            case JsonText text -> assertEquals(text, json);
            default -> assertEquals(json, json);
        }
    }
}
