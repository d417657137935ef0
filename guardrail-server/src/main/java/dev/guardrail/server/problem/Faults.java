package dev.guardrail.server.problem;

import dev.guardrail.base.GuardrailException;
import dev.guardrail.base.Printable;
import dev.guardrail.base.ProblemType;
import io.micronaut.http.MutableHttpResponse;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Turns whatever is thrown into a problem. Nothing that a stranger could have put into a message is logged or shown.
public final class Faults {
    private static final Logger LOG = LoggerFactory.getLogger(Faults.class);

    private Faults() {}

    /// Does the work; whatever it throws is an answer, so that no request hangs.
    @SuppressWarnings("CatchThrowable") // an Error on a request's thread would leave its client without an answer
    public static <T> T answered(
            Supplier<T> work, java.util.function.Function<MutableHttpResponse<byte[]>, T> refusal) {
        try {
            return work.get();
        } catch (Throwable thrown) {
            return refusal.apply(problem(thrown));
        }
    }

    /// The problem that an exception or error is told as.
    public static MutableHttpResponse<byte[]> problem(Throwable thrown) {
        return switch (thrown) {
            case GuardrailException told -> Problems.of(told.type(), String.valueOf(told.getMessage()));
            case HttpRefusal refused -> Problems.plain(refused.status(), String.valueOf(refused.getMessage()));
            default -> {
                LOG.error("a request failed: {}", Printable.trace(thrown));
                yield Problems.of(
                        ProblemType.INTERNAL, "the guard failed; look for the state of the call before repeating it");
            }
        };
    }

    /// Classes and frames of a throwable and its causes, without any message: messages may quote arguments.
    public static String trace(Throwable thrown) {
        return Printable.trace(thrown);
    }
}
