package dev.guardrail.server.upstream;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.guardrail.base.Sha256;
import dev.guardrail.base.Ticker;
import dev.guardrail.call.InboundToken;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// Tokens for one upstream that are fetched: our own (RFC 6749, section 4.4; RFC 8707), or one for each user, exchanged
/// for the token that the user's agent came with (RFC 8693). The latter is shown to the token endpoint alone; the
/// upstream never sees it. What the guard itself asks a server that takes users' tokens, such as its list of tools, it
/// asks with a token of its own.
public final class TokenGrant implements CredentialSource {
    private static final String TYPE = "urn:ietf:params:oauth:token-type:access_token";
    private static final Duration ALWAYS = Duration.ofDays(1);

    private final TokenEndpoint endpoint;
    private final Target target;
    private final boolean exchanges;
    private final InstantSource clock;
    private final Tokens tokens;

    /// What a token is asked for; each may be left out.
    public record Target(Optional<String> scope, Optional<String> resource, Optional<String> audience) {
        private Map<String, String> form(String grant) {
            var form = new LinkedHashMap<String, String>();
            form.put("grant_type", grant);
            scope.ifPresent(text -> form.put("scope", text));
            resource.ifPresent(text -> form.put("resource", text));
            audience.ifPresent(text -> form.put("audience", text));
            return form;
        }
    }

    /// Is told of each token before it is used, so that it is kept out of what is stored.
    @FunctionalInterface
    public interface Watch {
        void issued(String token, Duration life);
    }

    private TokenGrant(
            TokenEndpoint endpoint, Target target, boolean exchanges, InstantSource clock, Ticker ticker, Watch watch) {
        this.endpoint = endpoint;
        this.target = target;
        this.exchanges = exchanges;
        this.clock = clock;
        this.tokens = new Tokens(ticker, watch);
    }

    /// A token of our own for everything.
    public static TokenGrant ofClient(
            TokenEndpoint endpoint, Target target, InstantSource clock, Ticker ticker, Watch watch) {
        return new TokenGrant(endpoint, target, false, clock, ticker, watch);
    }

    /// A token for each user.
    public static TokenGrant ofUsers(
            TokenEndpoint endpoint, Target target, InstantSource clock, Ticker ticker, Watch watch) {
        return new TokenGrant(endpoint, target, true, clock, ticker, watch);
    }

    @Override
    public String bearer(Optional<InboundToken> subject) {
        return exchanges && subject.isPresent() ? exchanged(subject.get()) : own();
    }

    private String own() {
        return tokens.token(Optional.empty(), ALWAYS, () -> endpoint.ask(target.form("client_credentials")));
    }

    /// The exchanged token is kept no longer than the one it was got for lives.
    private String exchanged(InboundToken subject) {
        Duration left = Duration.between(clock.instant(), subject.expires());
        if (!left.isPositive())
            throw new CredentialUnavailable("has no token for this user: the one that its agent came with is over");
        return tokens.token(owner(Optional.of(subject)), left, () -> {
            var form = target.form("urn:ietf:params:oauth:grant-type:token-exchange");
            form.put("subject_token", subject.reveal());
            form.put("subject_token_type", TYPE);
            form.put("requested_token_type", TYPE);
            return endpoint.ask(form);
        });
    }

    private static Optional<Sha256> owner(Optional<InboundToken> subject) {
        return subject.map(token -> Sha256.of(token.reveal().getBytes(UTF_8)));
    }

    @Override
    public void prepare(Optional<InboundToken> subject) {
        if (exchanges && subject.isEmpty())
            throw new CredentialUnavailable(
                    "takes tokens of users, and this caller came with a key: have its agent come"
                            + " with an access token of the user's");
        bearer(subject);
    }

    @Override
    public boolean renew(Optional<InboundToken> subject, String refused) {
        tokens.forget(exchanges ? owner(subject) : Optional.empty(), refused);
        return true;
    }

    @Override
    public boolean perUser() {
        return exchanges;
    }

    @Override
    public void close() {
        endpoint.close();
    }
}
