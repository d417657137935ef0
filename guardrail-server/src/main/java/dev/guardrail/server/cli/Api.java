package dev.guardrail.server.cli;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonWriter;
import dev.guardrail.base.MalformedJson;
import dev.guardrail.base.StrictJson;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/// The HTTP API of a running sidecar, as commands use it.
///
/// @param url base, such as `http://127.0.0.1:7457`
/// @param key the operator's or agent's credential; it appears in no message
record Api(HttpClient http, URI url, String key) {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    static Api of(URI url, String key) {
        var http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(5))
                .build();
        return new Api(http, url, key);
    }

    /// What a command is told instead of an answer: one sentence that says what to do.
    static final class Refused extends Exception {
        private static final long serialVersionUID = 1L;

        Refused(String message) {
            super(message);
        }
    }

    JsonObject get(String path) throws Refused {
        return send(request(path).GET());
    }

    /// The body of an answer that is not JSON, as it comes.
    InputStream stream(String path) throws Refused {
        HttpRequest request = HttpRequest.newBuilder(url.resolve(path))
                .header("Authorization", "Bearer " + key)
                .build();
        try {
            HttpResponse<InputStream> answer = http.send(request, HttpResponse.BodyHandlers.ofInputStream());
            if (answer.statusCode() < 300) return new BufferedInputStream(answer.body(), 1 << 16);
            answer.body().close();
            throw new Refused("the guard answered " + answer.statusCode() + " to " + path
                    + "; it takes the key of an auditor or admin");
        } catch (IOException unreachable) {
            throw new Refused(
                    "no guard answers at " + url + "; start one with `guardrail serve`, or name it with --url");
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new Refused("interrupted");
        }
    }

    JsonObject post(String path, JsonObject body) throws Refused {
        return send(request(path)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(JsonWriter.bytes(body))));
    }

    JsonObject delete(String path) throws Refused {
        return send(request(path).DELETE());
    }

    /// A segment of a path or a value of a query.
    static String part(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(url.resolve(path))
                .timeout(PATIENCE)
                .header("Authorization", "Bearer " + key)
                .header("Accept", "application/json");
    }

    private JsonObject send(HttpRequest.Builder request) throws Refused {
        try {
            HttpResponse<byte[]> answer = http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
            JsonObject body = parse(answer);
            if (answer.statusCode() < 300) return body;
            throw new Refused(body.text("detail")
                    .or(() -> body.text("title"))
                    .orElse("the guard answered " + answer.statusCode()));
        } catch (IOException unreachable) {
            throw new Refused(
                    "no guard answers at " + url + "; start one with `guardrail serve`, or name it with --url");
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new Refused("interrupted");
        }
    }

    private JsonObject parse(HttpResponse<byte[]> answer) throws Refused {
        if (answer.body().length == 0) return JsonObject.EMPTY;
        try {
            Json body = StrictJson.parse(answer.body(), StrictJson.Limits.DEFAULT.withBytes(64 << 20));
            if (body instanceof JsonObject object) return object;
        } catch (MalformedJson other) {
            throw new Refused("what answers at " + url + " is no guard: " + answer.statusCode());
        }
        throw new Refused("what answers at " + url + " is no guard: " + answer.statusCode());
    }
}
