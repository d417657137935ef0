package dev.guardrail.server.upstream;

import dev.guardrail.call.InboundToken;
import dev.guardrail.server.relay.Era;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Optional;

/// What every request of one MCP session over HTTP carries: the credential, the session's id once the server gave
/// one, and the revision once both agreed. No header comes from anywhere else.
final class HttpSession {
    private static final String SESSION = "Mcp-Session-Id";
    private static final int LONGEST_ID = 1024;
    private static final int UNAUTHORIZED = 401;
    private static final String AUTHORIZATION = "Authorization";
    private static final String BEARER = "Bearer ";

    private final Endpoint.Http endpoint;
    private volatile String id = "";
    private volatile String version = "";
    private volatile Optional<InboundToken> subject = Optional.empty();

    HttpSession(Endpoint.Http endpoint) {
        this.endpoint = endpoint;
    }

    /// Keeps the session's id where the server gives one.
    void read(HttpResponse<?> response) {
        response.headers().firstValue(SESSION).filter(HttpSession::isId).ifPresent(given -> id = given);
    }

    /// Says for whom the requests from here on are. A connection that was opened for somebody stays theirs.
    void speakFor(Optional<InboundToken> token) {
        if (token.isPresent()) subject = token;
    }

    /// @return true where the server refused our token, unread, and there is another one to try
    boolean isRenewed(HttpResponse<?> response) {
        if (response.statusCode() != UNAUTHORIZED || endpoint.credential().isEmpty()) return false;
        String sent = response.request().headers().firstValue(AUTHORIZATION).orElse(BEARER);
        return endpoint.credential().get().renew(subject, sent.substring(BEARER.length()));
    }

    void agreed(String protocolVersion) {
        version = protocolVersion;
    }

    boolean isKnown() {
        return !id.isEmpty();
    }

    /// @param parcel whose headers go with it; one of the second era names no session
    HttpRequest.Builder post(HttpRequest.BodyPublisher body, Wire.Parcel parcel) {
        String accept = ResponseKind.JSON + ", " + ResponseKind.EVENTS;
        var request = parcel.era() == Era.MODERN ? bare(accept) : headed(accept);
        parcel.headers().forEach(request::header);
        return request.header("Content-Type", ResponseKind.JSON).POST(body);
    }

    /// @param last id of the event to go on after; empty to begin
    HttpRequest.Builder resumption(String last) {
        var request = headed(ResponseKind.EVENTS).GET();
        return last.isEmpty() ? request : request.header("Last-Event-ID", last);
    }

    HttpRequest.Builder end() {
        return headed(ResponseKind.JSON).DELETE();
    }

    private HttpRequest.Builder bare(String accept) {
        var request = HttpRequest.newBuilder(endpoint.url()).header("Accept", accept);
        endpoint.credential().ifPresent(source -> request.header(AUTHORIZATION, BEARER + source.bearer(subject)));
        return request;
    }

    private HttpRequest.Builder headed(String accept) {
        var request = bare(accept);
        if (!id.isEmpty()) request.header(SESSION, id);
        if (!version.isEmpty()) request.header("MCP-Protocol-Version", version);
        return request;
    }

    private static boolean isId(String text) {
        return !text.isEmpty() && text.length() <= LONGEST_ID && text.chars().allMatch(c -> c > ' ' && c < 0x7F);
    }
}
