package dev.guardrail.server.console;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.net.CookieManager;
import java.net.URI;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;

/// Somebody who goes to an identity provider and comes back: keeps every cookie, and tells where a request comes from
/// as browsers do.
final class Traveller {
    private static final Map<String, String> OWN = Map.of("Sec-Fetch-Site", "same-origin");
    private static final Map<String, String> FOREIGN =
            Map.of("Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document");

    final CookieManager cookies = new CookieManager();
    private final String url;
    private final HttpClient client = HttpClient.newBuilder()
            .cookieHandler(cookies)
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();

    Traveller(String url) {
        this.url = url;
    }

    HttpResponse<String> get(String path) {
        return get(path, OWN);
    }

    HttpResponse<String> get(String path, Map<String, String> headers) {
        var request = HttpRequest.newBuilder(URI.create(url + path)).header("Accept", "text/html");
        headers.forEach(request::header);
        return send(request.build());
    }

    /// Sends the form that signs out, from the page that it stands on.
    HttpResponse<String> signOut() {
        String page = get("/console/approvals").body();
        var token = java.util.regex.Pattern.compile("name=\"csrf\" value=\"([\\w-]+)\"")
                .matcher(page);
        if (!token.find()) throw new AssertionError("no form: " + page);
        return send(HttpRequest.newBuilder(URI.create(url + "/console/sign-out"))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .header("Sec-Fetch-Site", "same-origin")
                .POST(HttpRequest.BodyPublishers.ofString("csrf=" + token.group(1)))
                .build());
    }

    private HttpResponse<String> send(HttpRequest request) {
        try {
            return client.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (IOException failed) {
            throw new AssertionError(failed);
        } catch (InterruptedException stopped) {
            throw new IllegalStateException(stopped);
        }
    }

    /// Goes to the provider.
    ///
    /// @return what the provider is asked
    Map<String, String> leave() {
        var answer = get("/console/sign-in/issuer?next=%2Fconsole%2Fapprovals%3Ftab%3Dall");
        assertEquals(303, answer.statusCode(), answer.body());
        return query(answer.headers().firstValue("location").orElseThrow());
    }

    static Map<String, String> query(String address) {
        var query = new HashMap<String, String>();
        for (String field : URI.create(address).getRawQuery().split("&")) {
            String[] parts = field.split("=", 2);
            query.put(parts[0], URLDecoder.decode(parts[1], StandardCharsets.UTF_8));
        }
        return query;
    }

    /// Comes back from the provider.
    HttpResponse<String> comeBack(Map<String, String> returned) {
        return comeBack(returned, FOREIGN);
    }

    HttpResponse<String> comeBack(Map<String, String> returned, Map<String, String> headers) {
        String query = returned.entrySet().stream()
                .map(field -> field.getKey() + "=" + URLEncoder.encode(field.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
        return get("/console/sign-in/return?" + query, headers);
    }

    boolean isIn() {
        return get("/console/approvals").statusCode() == 200;
    }
}
