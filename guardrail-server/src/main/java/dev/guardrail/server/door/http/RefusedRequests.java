package dev.guardrail.server.door.http;

import dev.guardrail.base.Sha256;
import dev.guardrail.call.Caller;
import dev.guardrail.journal.WireRefusal;
import dev.guardrail.server.door.Callers;
import dev.guardrail.server.door.RefusalBook;
import io.micronaut.context.annotation.Requires;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.MutableHttpResponse;
import io.micronaut.http.annotation.ResponseFilter;
import io.micronaut.http.annotation.ServerFilter;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.web.router.RouteAttributes;
import io.micronaut.web.router.UriRouteMatch;
import jakarta.inject.Named;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/// Keeps who sent a request that was refused before it meant anything: malformed, too large, or not theirs to make.
/// The answer waits for it; every other answer passes as it is.
@ServerFilter({"/v1/**", "/access/**"})
@Requires(beans = RefusalBook.class)
final class RefusedRequests {
    private static final String DOOR = "http";
    private static final String ACCESS = "authzen";

    /// Words of the refusals, by HTTP status.
    private static final Map<Integer, String> FAULTS = Map.of(
            400, "malformed",
            403, "not-eligible",
            404, "not-found",
            413, "too-large",
            415, "content-type");

    private final RefusalBook book;
    private final ExecutorService executor;

    /// @param executor runs what waits for the disk
    RefusedRequests(RefusalBook book, @Named(TaskExecutors.BLOCKING) ExecutorService executor) {
        this.book = book;
        this.executor = executor;
    }

    @ResponseFilter
    Publisher<MutableHttpResponse<?>> keep(HttpRequest<?> request, MutableHttpResponse<?> response) {
        String fault = FAULTS.get(response.code());
        Optional<Caller> caller = request.getAttribute(Callers.ATTRIBUTE, Caller.class);
        if (fault == null || caller.isEmpty()) return Mono.just(response);
        var refusal = new WireRefusal(
                request.getPath().startsWith("/access/") ? ACCESS : DOOR,
                fault,
                WireRefusal.Sender.of(caller.get()),
                Optional.empty(),
                route(request),
                request.getBody(byte[].class).map(Sha256::of));
        return Mono.<MutableHttpResponse<?>>fromCallable(() -> {
                    book.note(refusal);
                    return response;
                })
                .subscribeOn(Schedulers.fromExecutorService(executor));
    }

    private static String route(HttpRequest<?> request) {
        return RouteAttributes.getRouteMatch(request)
                .filter(UriRouteMatch.class::isInstance)
                .map(match -> request.getMethodName() + " "
                        + ((UriRouteMatch<?, ?>) match)
                                .getRouteInfo()
                                .getUriMatchTemplate()
                                .toPathString())
                .orElse("none");
    }
}
