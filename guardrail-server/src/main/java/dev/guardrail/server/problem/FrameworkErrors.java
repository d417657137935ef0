package dev.guardrail.server.problem;

import dev.guardrail.base.ProblemType;
import io.micronaut.context.annotation.Replaces;
import io.micronaut.http.MutableHttpResponse;
import io.micronaut.http.server.exceptions.response.ErrorContext;
import io.micronaut.http.server.exceptions.response.ErrorResponseProcessor;
import jakarta.inject.Singleton;

/// The framework's own refusals (no such route, wrong method, body too large…) as problems, by their status alone: its
/// messages quote exceptions.
@Singleton
@Replaces(ErrorResponseProcessor.class)
final class FrameworkErrors implements ErrorResponseProcessor<byte[]> {

    @Override
    public MutableHttpResponse<byte[]> processResponse(ErrorContext context, MutableHttpResponse<?> response) {
        MutableHttpResponse<byte[]> problem = problem(response.code());
        response.getHeaders().getAll("Allow").forEach(allow -> problem.header("Allow", allow));
        return problem;
    }

    private static MutableHttpResponse<byte[]> problem(int status) {
        return switch (status) {
            case 400 ->
                Problems.of(ProblemType.MALFORMED_CALL, "the request is malformed; see /openapi.json for its form");
            case 404 ->
                Problems.of(ProblemType.NOT_FOUND, "there is nothing here; see /openapi.json for what there is");
            case 405 -> Problems.plain(405, "this route takes another method; see /openapi.json");
            case 413 -> Problems.of(ProblemType.TOO_LARGE, "the request is larger than `limits.message` allows");
            case 500 ->
                Problems.of(
                        ProblemType.INTERNAL, "the guard failed; look for the state of the call before repeating it");
            default -> Problems.plain(status, "the request cannot be answered; see /openapi.json for its form");
        };
    }
}
