package dev.guardrail.server.upstream;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.MalformedJson;
import dev.guardrail.base.StrictJson;
import io.github.resilience4j.core.IntervalFunction;
import io.github.resilience4j.retry.Retry;
import io.github.resilience4j.retry.RetryConfig;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// An authorization server's token endpoint, and who we are to it (RFC 6749, sections 2.3.1 and 3.2). It is asked again
/// a few times where it cannot be reached, and never where it refused. Redirects are not followed.
public final class TokenEndpoint {
    private static final int ATTEMPTS = 3;
    private static final Duration PAUSE = Duration.ofMillis(200);
    private static final Duration WHOLE = Duration.ofSeconds(3);
    private static final int MOST_BYTES = 64 * 1024;
    private static final int LONGEST_TOKEN = 8_000;

    /// Life of a token that does not say how long it lives.
    private static final long USUAL_SECONDS = 300;

    private static final long LONGEST_SECONDS = Duration.ofDays(1).toSeconds();
    private static final int OK = 200;
    private static final int BROKEN = 500;
    private static final int TOO_MANY = 429;
    private static final Pattern ERROR = Pattern.compile("[a-z_]{1,40}");

    private final URI url;
    private final String clientId;
    private final Secret secret;
    private final HttpClient client;
    private final Retry retry = Retry.of(
            "token-endpoint",
            RetryConfig.custom()
                    .maxAttempts(ATTEMPTS)
                    .intervalFunction(IntervalFunction.ofExponentialBackoff(PAUSE))
                    .retryExceptions(Unreachable.class)
                    .build());

    /// @param url `https`, or `http` on this machine
    public TokenEndpoint(URI url, String clientId, Secret secret) {
        this.url = url;
        this.clientId = clientId;
        this.secret = secret;
        this.client = StraightClient.open();
    }

    /// A token as it was issued.
    record Issued(String token, Duration life) {
        /// It is a secret.
        @Override
        public String toString() {
            return "Issued(" + life + ")";
        }
    }

    /// It may be there when asked again.
    private static final class Unreachable extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private Unreachable(String message) {
            super(message);
        }
    }

    /// Asks for a token.
    ///
    /// @param form parameters of the grant
    /// @throws CredentialUnavailable where there is none
    Issued ask(Map<String, String> form) {
        try {
            return retry.executeSupplier(() -> once(form));
        } catch (Unreachable gone) {
            throw new CredentialUnavailable(
                    "has no token now: its authorization server " + gone.getMessage() + "; try again later");
        }
    }

    private Issued once(Map<String, String> form) {
        HttpResponse<byte[]> response = send(form);
        int status = response.statusCode();
        if (status >= BROKEN || status == TOO_MANY) throw new Unreachable("answered " + status);
        if (status != OK)
            throw new CredentialUnavailable(
                    "has no token: its authorization server refused with " + status + error(response.body()));
        return issued(response.body());
    }

    private HttpResponse<byte[]> send(Map<String, String> form) {
        var request = HttpRequest.newBuilder(url)
                .header("Authorization", "Basic " + basic())
                .header("Content-Type", "application/x-www-form-urlencoded")
                .header("Accept", "application/json")
                .timeout(WHOLE)
                .POST(BodyPublishers.ofString(encoded(form)))
                .build();
        var answer = client.sendAsync(request, BodyHandlers.limiting(BodyHandlers.ofByteArray(), MOST_BYTES));
        try {
            return answer.get(WHOLE.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException failed) {
            boolean broken = failed.getCause() instanceof IOException;
            throw new Unreachable(broken ? "cannot be reached" : "could not be asked");
        } catch (TimeoutException late) {
            answer.cancel(true);
            throw new Unreachable("did not answer in time");
        } catch (InterruptedException stopped) {
            answer.cancel(true);
            Thread.currentThread().interrupt();
            throw new CredentialUnavailable("has no token: its authorization server was not waited for");
        }
    }

    private String basic() {
        String pair = encoded(clientId) + ":" + encoded(secret.reveal());
        return Base64.getEncoder().encodeToString(pair.getBytes(UTF_8));
    }

    private static String encoded(Map<String, String> form) {
        return form.entrySet().stream()
                .map(field -> encoded(field.getKey()) + "=" + encoded(field.getValue()))
                .collect(Collectors.joining("&"));
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, UTF_8);
    }

    /// The error's name alone, where it is one: no other word of the server's is repeated.
    private static String error(byte[] body) {
        try {
            return StrictJson.parse(body) instanceof JsonObject object
                    ? object.text("error")
                            .filter(word -> ERROR.matcher(word).matches())
                            .map(word -> " (" + word + ")")
                            .orElse("")
                    : "";
        } catch (MalformedJson wordless) {
            return "";
        }
    }

    private static Issued issued(byte[] body) {
        JsonObject answer = answer(body);
        boolean bearer =
                answer.text("token_type").filter("bearer"::equalsIgnoreCase).isPresent();
        String token = answer.text("access_token").orElse("");
        boolean fits = !token.isEmpty()
                && token.length() <= LONGEST_TOKEN
                && token.chars().allMatch(c -> c > ' ' && c < 0x7F);
        if (!bearer || !fits)
            throw new CredentialUnavailable("has no token: its authorization server gave none that can be sent");
        long seconds = answer.integer("expires_in").orElse(USUAL_SECONDS);
        return new Issued(token, Duration.ofSeconds(Math.clamp(seconds, 0, LONGEST_SECONDS)));
    }

    private static JsonObject answer(byte[] body) {
        try {
            if (StrictJson.parse(body) instanceof JsonObject object) return object;
        } catch (MalformedJson unreadable) {
            // told below
        }
        throw new CredentialUnavailable("has no token: its authorization server's answer cannot be read");
    }

    void close() {
        client.shutdownNow();
    }
}
