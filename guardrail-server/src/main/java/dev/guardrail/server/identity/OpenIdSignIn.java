package dev.guardrail.server.identity;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.MalformedJson;
import dev.guardrail.base.Printable;
import dev.guardrail.base.Sha256;
import dev.guardrail.base.StrictJson;
import dev.guardrail.base.Ticker;
import dev.guardrail.server.door.IssuerSignIn;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The authorization code flow with PKCE (OpenID Connect Core 1.0, section 3.1; RFC 7636; RFC 9700). What the provider
/// says counts once, and for who wished it: nothing of it is kept but names, roles and groups.
public final class OpenIdSignIn implements IssuerSignIn, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(OpenIdSignIn.class);
    private static final List<String> ALIASES = List.of("preferred_username", "email", "upn");
    private static final Pattern ERROR = Pattern.compile("[a-z_]{1,40}");
    private static final int SECRET_BYTES = 32;
    private static final int LONGEST_CODE = 4_000;
    private static final int LONGEST_TOKEN = 32_000;
    private static final int MOST_GROUPS = 1_000;
    private static final int OK = 200;
    private static final int BROKEN = 500;

    private final Settings settings;
    private final ProviderSite site;
    private final IssuerKeys keys;
    private final IdTokens tokens;
    private final Roll roll;
    private final Reader reader = new Reader();
    private final SecureRandom random;

    public OpenIdSignIn(Settings settings, Roll roll, InstantSource clock, Ticker ticker, SecureRandom random) {
        this.settings = settings;
        this.site = new ProviderSite(settings.issuer(), settings.origins(), reader, ticker);
        this.keys = new IssuerKeys(settings.issuer(), settings.origins(), ticker);
        this.tokens = new IdTokens(settings.issuer().toString(), settings.clientId(), keys, clock);
        this.roll = roll;
        this.random = random;
    }

    /// What an operator configured.
    ///
    /// @param issuer as the provider names itself, to the letter
    /// @param secret present value of our secret there; empty for a client without one
    /// @param base where browsers reach this guard: scheme and authority
    /// @param name claim that people are known by
    /// @param groups claim with their groups
    /// @param scopes beside `openid`
    /// @param roles of this guard, by the provider's group
    /// @param visit how long a visit lasts
    /// @param origins where the provider's endpoints and keys may lie, beside its own
    public record Settings(
            URI issuer,
            String clientId,
            Optional<Supplier<String>> secret,
            String base,
            String name,
            String groups,
            List<String> scopes,
            Map<String, Set<String>> roles,
            Duration visit,
            Set<Origin> origins) {
        public Settings {
            scopes = List.copyOf(scopes);
            roles = Map.copyOf(roles);
            origins = Set.copyOf(origins);
        }
    }

    @Override
    public String host() {
        return settings.issuer().getAuthority();
    }

    @Override
    public String base() {
        return settings.base();
    }

    @Override
    public Duration visit() {
        return settings.visit();
    }

    @Override
    public Beginning begin(String path) {
        var places = site.places();
        if (places.isEmpty()) return new Beginning.Unavailable(away());
        var attempt = new Attempt(secret(), secret(), secret());
        var query = new LinkedHashMap<String, String>();
        query.put("response_type", "code");
        query.put("client_id", settings.clientId());
        query.put("redirect_uri", settings.base() + path);
        query.put("scope", scope());
        query.put("state", attempt.state());
        query.put("nonce", attempt.nonce());
        query.put("code_challenge", challenge(attempt.verifier()));
        query.put("code_challenge_method", "S256");
        return new Beginning.Begun(with(places.get().authorization(), query), attempt);
    }

    private String scope() {
        var scopes = new ArrayList<>(List.of("openid"));
        settings.scopes().stream().filter(scope -> !scope.equals("openid")).forEach(scopes::add);
        return String.join(" ", scopes);
    }

    @Override
    public Outcome end(Attempt attempt, Map<String, String> returned, String path) {
        var places = site.places();
        if (places.isEmpty()) return new Outcome.Unavailable(away());
        Optional<String> fault = fault(places.get(), attempt, returned);
        if (fault.isPresent()) return new Outcome.Refused(fault.get());
        try {
            var answer = reader.send(places.get().token(), form(attempt, returned, path), authorization());
            if (answer.status() >= BROKEN) return new Outcome.Unavailable(away());
            if (answer.status() != OK)
                return new Outcome.Refused(
                        host() + " does not take the code that came back" + word(error(answer.body())));
            return verified(token(answer.body()), attempt);
        } catch (IOException unreachable) {
            LOG.warn(
                    "the token endpoint of the issuer {} {}",
                    settings.issuer(),
                    Printable.text(String.valueOf(unreachable.getMessage())));
            return new Outcome.Unavailable(away());
        } catch (KeysUnavailable unreadable) {
            return new Outcome.Unavailable(away());
        }
    }

    private String away() {
        return host() + " does not answer as it should now, so nobody signs in there; a key still works";
    }

    /// What keeps a return from being followed.
    private Optional<String> fault(ProviderSite.Places places, Attempt attempt, Map<String, String> returned) {
        if (!IdTokens.isEqual(attempt.state(), returned.getOrDefault("state", "")))
            return Optional.of("what came back is not what this browser was sent for");
        String named = returned.getOrDefault(
                "iss", places.namesItself() ? "" : settings.issuer().toString());
        if (!named.equals(settings.issuer().toString())) return Optional.of("what came back is another issuer's");
        if (returned.containsKey("error"))
            return Optional.of(host() + " let nobody in" + word(Optional.of(returned.get("error"))));
        String code = returned.getOrDefault("code", "");
        return code.isEmpty() || code.length() > LONGEST_CODE
                ? Optional.of("what came back holds no code")
                : Optional.empty();
    }

    private String form(Attempt attempt, Map<String, String> returned, String path) {
        var form = new LinkedHashMap<String, String>();
        form.put("grant_type", "authorization_code");
        form.put("code", returned.getOrDefault("code", ""));
        form.put("redirect_uri", settings.base() + path);
        form.put("code_verifier", attempt.verifier());
        if (settings.secret().isEmpty()) form.put("client_id", settings.clientId());
        return encoded(form);
    }

    private Optional<String> authorization() {
        return settings.secret()
                .map(secret -> encoded(settings.clientId()) + ":" + encoded(secret.get()))
                .map(pair -> "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(UTF_8)));
    }

    private static Optional<JsonObject> object(byte[] body) {
        try {
            return StrictJson.parse(body) instanceof JsonObject object ? Optional.of(object) : Optional.empty();
        } catch (MalformedJson wordless) {
            return Optional.empty();
        }
    }

    private static Optional<String> error(byte[] body) {
        return object(body).flatMap(object -> object.text("error"));
    }

    /// An error's name, where it is one: no other word of the provider's is repeated.
    private static String word(Optional<String> error) {
        return error.filter(word -> ERROR.matcher(word).matches())
                .map(word -> " (" + word + ")")
                .orElse("");
    }

    private static String token(byte[] body) {
        return object(body)
                .flatMap(object -> object.text("id_token"))
                .filter(token -> token.length() <= LONGEST_TOKEN)
                .orElse("");
    }

    private Outcome verified(String token, Attempt attempt) {
        return switch (tokens.verify(token, attempt.nonce())) {
            case IdTokens.Verified.Bad(String why) -> new Outcome.Refused(why);
            case IdTokens.Verified.Good(Claims claims) ->
                claims.name(settings.name()).isPresent()
                        ? known(claims)
                        : new Outcome.Refused("the token holds no `" + settings.name()
                                + "`, by which this guard knows people; an admin names another claim in"
                                + " `identity.signIn.name`");
        };
    }

    private Outcome known(Claims claims) {
        String name = claims.name(settings.name()).orElseThrow();
        String subject = claims.name("sub").orElseThrow();
        Set<String> groups = claims.texts(settings.groups()).stream()
                .filter(group -> !group.isEmpty())
                .limit(MOST_GROUPS)
                .collect(Collectors.toCollection(TreeSet::new));
        var roles = new HashSet<String>();
        groups.forEach(group -> roles.addAll(settings.roles().getOrDefault(group, Set.of())));
        var aliases =
                ALIASES.stream().flatMap(claim -> claims.name(claim).stream()).collect(Collectors.toSet());
        return switch (roll.enter(new Roll.Person(subject, name, aliases, roles, groups))) {
            case Roll.Entry.Made(var caller) -> new Outcome.Admitted(caller);
            case Roll.Entry.Taken(String other) -> new Outcome.Taken(name, other, subject);
            case Roll.Entry.Roleless() ->
                new Outcome.Stranger(
                        name,
                        claims.json().has(settings.groups()) ? Optional.of(List.copyOf(groups)) : Optional.empty(),
                        settings.groups());
        };
    }

    @Override
    public Optional<URI> farewell(String path) {
        return site.places().flatMap(ProviderSite.Places::farewell).map(place -> {
            var query = new LinkedHashMap<String, String>();
            query.put("client_id", settings.clientId());
            query.put("post_logout_redirect_uri", settings.base() + path);
            return with(place, query);
        });
    }

    private String secret() {
        byte[] drawn = new byte[SECRET_BYTES];
        random.nextBytes(drawn);
        return base64(drawn);
    }

    private static String challenge(String verifier) {
        return base64(Sha256.of(verifier.getBytes(UTF_8)).bytes());
    }

    private static String base64(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static URI with(URI place, Map<String, String> query) {
        return URI.create(place + (place.getRawQuery() == null ? "?" : "&") + encoded(query));
    }

    private static String encoded(Map<String, String> form) {
        return form.entrySet().stream()
                .map(field -> encoded(field.getKey()) + "=" + encoded(field.getValue()))
                .collect(Collectors.joining("&"));
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, UTF_8);
    }

    @Override
    public void close() {
        keys.close();
        reader.close();
    }
}
