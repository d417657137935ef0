package dev.guardrail.server.problem;

import io.micronaut.context.annotation.Requires;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.annotation.Produces;
import io.micronaut.http.server.exceptions.ExceptionHandler;
import jakarta.inject.Singleton;

/// Answers for everything thrown that no other handler knows.
@Singleton
@Produces("application/problem+json")
@Requires(classes = ExceptionHandler.class)
final class ThrownFaults implements ExceptionHandler<Throwable, HttpResponse<byte[]>> {

    @Override
    @SuppressWarnings("rawtypes") // as the interface has it
    public HttpResponse<byte[]> handle(HttpRequest request, Throwable thrown) {
        return Faults.problem(thrown);
    }
}
