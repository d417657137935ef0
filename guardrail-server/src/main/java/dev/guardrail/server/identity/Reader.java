package dev.guardrail.server.identity;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Reads what an issuer answers: small documents, soon or not at all. It follows no redirect and uses no proxy of the
/// environment, so that nothing is read but from where it was told.
final class Reader implements AutoCloseable {
    private static final Duration CONNECT = Duration.ofSeconds(3);
    private static final Duration WHOLE = Duration.ofSeconds(5);
    private static final int MOST_BYTES = 256 * 1024;

    private final HttpClient client = HttpClient.newBuilder()
            .followRedirects(HttpClient.Redirect.NEVER)
            .proxy(HttpClient.Builder.NO_PROXY)
            .connectTimeout(CONNECT)
            .executor(Executors.newVirtualThreadPerTaskExecutor())
            .build();

    /// What an issuer answered.
    record Document(int status, byte[] body) {}

    /// @throws IOException where the whole answer is not here within seconds, or is too large
    Document read(URI url) throws IOException {
        return answered(HttpRequest.newBuilder(url).GET());
    }

    /// Sends a form.
    ///
    /// @param authorization who we are; empty for nobody
    /// @throws IOException where the whole answer is not here within seconds, or is too large
    Document send(URI url, String form, Optional<String> authorization) throws IOException {
        var request = HttpRequest.newBuilder(url)
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString(form));
        authorization.ifPresent(value -> request.header("Authorization", value));
        return answered(request);
    }

    private Document answered(HttpRequest.Builder asked) throws IOException {
        var request = asked.header("Accept", "application/json").timeout(WHOLE).build();
        var answer = client.sendAsync(request, BodyHandlers.limiting(BodyHandlers.ofByteArray(), MOST_BYTES));
        try {
            HttpResponse<byte[]> response = answer.get(WHOLE.toNanos(), TimeUnit.NANOSECONDS);
            return new Document(response.statusCode(), response.body());
        } catch (ExecutionException failed) {
            throw new IOException("could not be read", failed.getCause());
        } catch (TimeoutException late) {
            answer.cancel(true);
            throw new IOException("did not answer in time", late);
        } catch (InterruptedException stopped) {
            answer.cancel(true);
            Thread.currentThread().interrupt();
            throw new IOException("was not waited for", stopped);
        }
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
