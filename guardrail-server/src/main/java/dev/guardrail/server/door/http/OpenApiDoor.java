package dev.guardrail.server.door.http;

import dev.guardrail.base.JsonWriter;
import dev.guardrail.pack.Findings;
import dev.guardrail.pack.Source;
import dev.guardrail.pack.Yaml;
import dev.guardrail.pack.YamlReader;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Produces;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// The description of this interface, OpenAPI 3.1. It is written by hand; a test holds it to the routes.
@Controller
@Produces(MediaType.ALL)
@ExecuteOn(TaskExecutors.BLOCKING)
final class OpenApiDoor {
    private static final String FILE = "/openapi.yaml";

    @Get(FILE)
    HttpResponse<?> yaml() {
        return Answers.answered(() ->
                HttpResponse.ok(text().getBytes(StandardCharsets.UTF_8)).contentType(MediaType.of("application/yaml")));
    }

    @Get("/openapi.json")
    HttpResponse<?> json() {
        return Answers.answered(() -> {
            var source = new Source(FILE, text());
            List<Yaml> documents = YamlReader.read(source, new Findings(source));
            return HttpResponse.ok(JsonWriter.bytes(documents.getFirst().json()))
                    .contentType(MediaType.APPLICATION_JSON_TYPE);
        });
    }

    private static String text() {
        try (InputStream stream = OpenApiDoor.class.getResourceAsStream(FILE)) {
            if (stream == null) throw new IllegalStateException("the program was packed without " + FILE);
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }
}
