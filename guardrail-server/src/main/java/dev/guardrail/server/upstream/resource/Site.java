package dev.guardrail.server.upstream.resource;

import dev.guardrail.server.upstream.CredentialSource;
import dev.guardrail.server.upstream.StraightClient;
import dev.guardrail.undo.Unfit;
import io.github.resilience4j.bulkhead.Bulkhead;
import io.github.resilience4j.bulkhead.BulkheadConfig;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;

/// A server's resources below one URL: read with their version, and written where it is still that (RFC 9110, sections
/// 8.8.3 and 13.1).
final class Site implements AutoCloseable {
    /// Longest body, in bytes.
    static final int MOST = 700 * 1024;

    /// RFC 9110, section 8.8.3; a weak one begins with `W/`.
    private static final Pattern STRONG = Pattern.compile("\"[!#-~\\x{80}-\\x{FF}]*\"");

    private static final int CONCURRENT = 8;
    private static final Duration QUEUE = Duration.ofSeconds(1);
    private static final int OK = 200;
    private static final int UNAUTHORIZED = 401;
    private static final int NOT_FOUND = 404;
    private static final int GONE = 410;
    private static final int TOO_MANY = 429;
    private static final int BROKEN = 500;

    private final URI base;
    private final Optional<? extends CredentialSource> credential;
    private final Duration patience;
    private final HttpClient client = StraightClient.open();
    private final Bulkhead bulkhead;

    /// @param patience for one answer
    Site(String name, URI base, Optional<? extends CredentialSource> credential, Duration patience) {
        this.base = base;
        this.credential = credential;
        this.patience = patience;
        this.bulkhead = Bulkhead.of(
                name,
                BulkheadConfig.custom()
                        .maxConcurrentCalls(CONCURRENT)
                        .maxWaitDuration(QUEUE)
                        .build());
    }

    /// What is at an address.
    ///
    /// @param tag its version there; empty where there is nothing
    record Found(Representation representation, Optional<String> tag) {}

    /// A change that is made under a condition.
    ///
    /// @param condition name of the header, and what it is
    record Change(String method, List<String> condition, Representation wanted) {

        /// From one to the other.
        static Change of(Found now, Representation wanted) {
            List<String> condition =
                    now.tag().map(tag -> List.of("If-Match", tag)).orElseGet(() -> List.of("If-None-Match", "*"));
            return new Change(wanted.isThere() ? "PUT" : "DELETE", condition, wanted);
        }

        /// The same under a condition that cannot hold.
        Change never(String tag) {
            return new Change(method, List.of("If-Match", "\"" + tag + "\""), wanted);
        }
    }

    /// @throws Unfit where it is nothing below the URL
    Address address(String path) throws Unfit {
        return Address.below(base, path).orElseThrow(() -> new Unfit("its path is none below the server's URL"));
    }

    /// @throws Unfit where it cannot be put back
    /// @throws IOException where nothing is known of it
    Found read(Address address) throws IOException {
        var request = HttpRequest.newBuilder(address.url())
                .header("Accept", "*/*")
                .header("Accept-Encoding", "identity")
                .header("Cache-Control", "no-cache")
                .GET();
        var answer = exchange(request);
        int status = answer.statusCode();
        if (status == NOT_FOUND || status == GONE) return new Found(Representation.NOTHING, Optional.empty());
        if (status >= BROKEN || status == TOO_MANY || status == UNAUTHORIZED)
            throw new IOException("the server answered " + status);
        if (status != OK) throw new Unfit("its address answers " + status);
        if (answer.headers()
                .firstValue("Content-Encoding")
                .filter(coding -> !coding.equals("identity"))
                .isPresent()) throw new Unfit("its address answers with an encoding");
        String tag = tag(answer);
        byte[] body = answer.body().orElseThrow(Site::large);
        return new Found(Representation.of(answer.headers(), body), Optional.of(tag));
    }

    static Unfit large() {
        return Unfit.large("what it takes to put it back is larger than " + MOST / 1024 + " KiB");
    }

    private static String tag(HttpResponse<?> answer) throws Unfit {
        List<String> tags = answer.headers().allValues("ETag");
        if (tags.isEmpty()) throw new Unfit("its address gives no ETag, so nobody could tell what changed since");
        if (tags.size() == 1 && STRONG.matcher(tags.getFirst()).matches()) return tags.getFirst();
        throw new Unfit("its address gives no strong ETag, so nobody could tell what changed since");
    }

    /// @return the status
    /// @throws IOException where it is not known whether it was done
    int write(Address address, Change change) throws IOException {
        var body = change.wanted().body().map(BodyPublishers::ofByteArray).orElseGet(BodyPublishers::noBody);
        var request = HttpRequest.newBuilder(address.url())
                .header(change.condition().getFirst(), change.condition().getLast())
                .method(change.method(), body);
        change.wanted().type().ifPresent(type -> request.header("Content-Type", type));
        change.wanted().language().ifPresent(language -> request.header("Content-Language", language));
        return exchange(request).statusCode();
    }

    /// A token that the server refuses is renewed once.
    private HttpResponse<Optional<byte[]>> exchange(HttpRequest.Builder request) throws IOException {
        if (!bulkhead.tryAcquirePermission()) throw new IOException("the server is busy with other requests of ours");
        try {
            if (credential.isEmpty()) return sent(request);
            String token = bearer(credential.get());
            var answer = sent(request.setHeader("Authorization", "Bearer " + token));
            if (answer.statusCode() != UNAUTHORIZED || !credential.get().renew(Optional.empty(), token)) return answer;
            return sent(request.setHeader("Authorization", "Bearer " + bearer(credential.get())));
        } finally {
            bulkhead.onComplete();
        }
    }

    private static String bearer(CredentialSource source) throws IOException {
        try {
            return source.bearer(Optional.empty());
        } catch (IllegalStateException unusable) {
            throw new IOException("the server's credential cannot be used", unusable);
        }
    }

    private HttpResponse<Optional<byte[]>> sent(HttpRequest.Builder request) throws IOException {
        CompletableFuture<HttpResponse<Optional<byte[]>>> answer =
                client.sendAsync(request.build(), head -> new Beginning(MOST));
        try {
            return answer.get(patience.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof IOException broken) throw broken;
            throw new IOException("the server could not be asked", failed.getCause());
        } catch (TimeoutException late) {
            answer.cancel(true);
            throw new IOException("the server did not answer in time", late);
        } catch (InterruptedException stopped) {
            answer.cancel(true);
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("the server was not waited for");
        }
    }

    @Override
    public void close() {
        client.shutdownNow();
        credential.ifPresent(CredentialSource::close);
    }
}
