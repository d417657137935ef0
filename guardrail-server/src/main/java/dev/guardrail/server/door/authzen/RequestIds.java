package dev.guardrail.server.door.authzen;

import io.micronaut.core.annotation.Order;
import io.micronaut.core.order.Ordered;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.MutableHttpResponse;
import io.micronaut.http.annotation.ResponseFilter;
import io.micronaut.http.annotation.ServerFilter;
import java.util.List;
import java.util.regex.Pattern;

/// Gives every answer the `X-Request-ID` of its request, whatever the answer is. It is for whoever asked to tell
/// answers apart; here it means nothing.
@ServerFilter({"/access/**", "/.well-known/authzen-configuration"})
@Order(Ordered.HIGHEST_PRECEDENCE)
final class RequestIds {
    private static final String HEADER = "X-Request-ID";

    /// Printable ASCII: what was sent as something else is not repeated.
    private static final Pattern PLAIN = Pattern.compile("[\\x21-\\x7e]([\\x20-\\x7e]{0,254}[\\x21-\\x7e])?");

    @ResponseFilter
    void echo(HttpRequest<?> request, MutableHttpResponse<?> response) {
        List<String> sent = request.getHeaders().getAll(HEADER);
        if (sent.size() == 1 && PLAIN.matcher(sent.getFirst()).matches()) response.header(HEADER, sent.getFirst());
    }
}
