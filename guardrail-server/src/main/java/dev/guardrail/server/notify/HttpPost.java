package dev.guardrail.server.notify;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One request to a receiver, and what its status says. No redirect is followed: it would carry a notice, its signature
/// or a token to somebody whom the operator did not name. Of the answer nothing but the head is read.
final class HttpPost {
    private static final Logger LOG = LoggerFactory.getLogger(HttpPost.class);
    private static final int TOO_MANY = 429;

    /// Digits of a `Retry-After` that is taken as seconds (RFC 9110, section 10.2.3); a date is not read.
    private static final String SECONDS = "[0-9]{1,6}";

    private final HttpClient client;
    private final Duration timeout;

    /// @param timeout of connecting, and of the answer's head after that
    HttpPost(Duration timeout) {
        this.timeout = timeout;
        this.client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(timeout)
                .build();
    }

    Delivery send(URI url, Map<String, String> headers, byte[] body) throws InterruptedException {
        var request = HttpRequest.newBuilder(url).timeout(timeout).POST(HttpRequest.BodyPublishers.ofByteArray(body));
        headers.forEach(request::header);
        HttpResponse<InputStream> response;
        try {
            response = client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
        } catch (IOException unreachable) {
            // Its message may name the address, and an address may be a secret.
            return new Delivery.Troubled(
                    "it was not reached (" + unreachable.getClass().getSimpleName() + ")");
        }
        leave(response);
        return judged(response);
    }

    /// The status is all that counts; what is left of the answer is not waited for.
    private static void leave(HttpResponse<InputStream> response) {
        try {
            response.body().close();
        } catch (IOException broken) {
            LOG.debug("the end of an answer was not read");
        }
    }

    private static Delivery judged(HttpResponse<?> response) {
        int status = response.statusCode();
        if (status >= 200 && status < 300) return new Delivery.Delivered();
        if (status == TOO_MANY || status >= 500)
            return new Delivery.Troubled("it answered HTTP " + status, after(response));
        return new Delivery.Refused("it answered HTTP " + status
                + (status >= 300 && status < 400 ? ", and redirects are not followed" : ""));
    }

    private static Optional<Duration> after(HttpResponse<?> response) {
        return response.headers()
                .firstValue("Retry-After")
                .filter(text -> text.matches(SECONDS))
                .map(text -> Duration.ofSeconds(Long.parseLong(text)));
    }
}
