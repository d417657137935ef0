package dev.guardrail.server.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonWriter;
import dev.guardrail.base.Sha256;
import dev.guardrail.base.StrictJson;
import dev.guardrail.server.oauth.AuthorizationServer;
import dev.guardrail.server.wiring.Clocks;
import dev.guardrail.server.wiring.Served;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is taken of an identity provider, and what of one that is not what it should be. The provider is a small one on
/// loopback with real keys, because a good one cannot be made to do most of it; a good one is gone to in
/// [ProviderPagesSpec].
class SignInAtProviderSpec {
    private static final AtomicLong PASSED = new AtomicLong();
    private static final String NONE = "#none";
    private static AuthorizationServer provider;
    private static Served served;
    private static String url;

    @BeforeAll
    static void start(@TempDir Path directory) throws Exception {
        provider = new AuthorizationServer();
        served = ProviderGuard.in(
                directory,
                provider.issuer(),
                ProviderGuard.port(),
                new Clocks(Clock.systemUTC(), () -> System.nanoTime() + PASSED.get(), new SecureRandom()));
        url = served.sidecar.url().toString();
    }

    @AfterAll
    static void stop() throws Exception {
        if (served != null) served.close();
        if (provider != null) provider.close();
    }

    @BeforeEach
    void isWell() {
        provider.metadata(UnaryOperator.identity());
    }

    private static Traveller traveller() {
        return new Traveller(url);
    }

    /// A token as the guard takes it: of ann, whom the configuration names by her subject.
    private static JWTClaimsSet.Builder claims(Map<String, String> asked) {
        return new JWTClaimsSet.Builder()
                .issuer(provider.issuer())
                .audience(asked.get("client_id"))
                .subject("of-the-issuer|ann")
                .claim("preferred_username", "ann")
                .claim("groups", List.of("staff"))
                .claim("nonce", asked.get("nonce"))
                .issueTime(new Date())
                .expirationTime(Date.from(Instant.now().plusSeconds(300)));
    }

    private static String signed(JWTClaimsSet claims, RSAKey key, String type) {
        try {
            return AuthorizationServer.signed(
                    new JWSHeader.Builder(JWSAlgorithm.RS256)
                            .keyID(key.getKeyID())
                            .type(new JOSEObjectType(type))
                            .build(),
                    claims,
                    new RSASSASigner(key));
        } catch (JOSEException impossible) {
            throw new AssertionError(impossible);
        }
    }

    private static String signed(JWTClaimsSet claims) {
        return signed(claims, provider.key(), "JWT");
    }

    private static void gives(String token) {
        provider.tokens(form -> AuthorizationServer.Answer.of(
                200,
                JsonObject.with("access_token", "opaque")
                        .with("token_type", "Bearer")
                        .with("id_token", token)
                        .build()));
    }

    private static Map<String, String> returned(Map<String, String> asked) {
        return new HashMap<>(Map.of("state", asked.get("state"), "code", "a-code"));
    }

    /// Goes there and back with a token that says what it should, but for a change.
    private static HttpResponse<String> signIn(Traveller who, UnaryOperator<JWTClaimsSet.Builder> change) {
        var asked = who.leave();
        gives(signed(change.apply(claims(asked)).build()));
        return who.comeBack(returned(asked));
    }

    private static void isLetIn(UnaryOperator<JWTClaimsSet.Builder> change) {
        var who = traveller();
        var answer = signIn(who, change);
        assertEquals(200, answer.statusCode(), answer.body());
        assertTrue(who.isIn());
    }

    private static void isRefused(Traveller who, HttpResponse<String> answer, int status, String why) {
        assertEquals(status, answer.statusCode(), answer.body());
        assertTrue(answer.body().contains(why), answer.body());
        assertTrue(answer.body().contains("Your operator&#39;s key")
                || answer.body().contains("Your operator's key"));
        assertFalse(who.isIn(), why);
    }

    private static void isRefused(UnaryOperator<JWTClaimsSet.Builder> change, String why) {
        var who = traveller();
        isRefused(who, signIn(who, change), 403, why);
    }

    @Test
    void what_the_provider_is_asked_holds_no_secret_and_binds_what_comes_back() {
        var who = traveller();
        var asked = who.leave();
        assertEquals("code", asked.get("response_type"));
        assertEquals(ProviderGuard.CLIENT, asked.get("client_id"));
        assertEquals(url + "/console/sign-in/return", asked.get("redirect_uri"));
        assertEquals("openid profile groups", asked.get("scope"));
        assertEquals("S256", asked.get("code_challenge_method"));
        for (String random : List.of("state", "nonce", "code_challenge"))
            assertTrue(asked.get(random).matches("[\\w-]{43}"), random);

        gives(signed(claims(asked).build()));
        var back = who.comeBack(returned(asked));
        assertEquals(200, back.statusCode(), back.body());
        var sent = provider.grants().getLast();
        assertEquals("authorization_code", sent.get("grant_type"));
        assertEquals("a-code", sent.get("code"));
        assertEquals(asked.get("redirect_uri"), sent.get("redirect_uri"));
        assertEquals(
                asked.get("code_challenge"),
                Base64.getUrlEncoder()
                        .withoutPadding()
                        .encodeToString(Sha256.of(sent.get("code_verifier").getBytes(StandardCharsets.US_ASCII))
                                .bytes()));
        assertEquals(
                "Basic "
                        + Base64.getEncoder()
                                .encodeToString((ProviderGuard.CLIENT + ":" + ProviderGuard.SECRET)
                                        .getBytes(StandardCharsets.UTF_8)),
                sent.get("Authorization"));
        for (String secret : List.of(ProviderGuard.SECRET, sent.get("code_verifier"), asked.get("nonce"), "a-code"))
            assertFalse(back.body().contains(secret), secret);
    }

    @Test
    void each_of_two_cookies_goes_as_far_as_it_has_to() {
        var who = traveller();
        var left = who.get("/console/sign-in/issuer");
        String login = left.headers().firstValue("set-cookie").orElseThrow().toLowerCase(java.util.Locale.ROOT);
        for (String flag : List.of("guardrail_login_", "httponly", "samesite=lax", "path=/console/sign-in/return"))
            assertTrue(login.contains(flag), login);

        var asked = Traveller.query(left.headers().firstValue("location").orElseThrow());
        gives(signed(claims(asked).build()));
        var set = new ArrayList<>(who.comeBack(returned(asked)).headers().allValues("set-cookie"));
        assertEquals(2, set.size(), set.toString());
        set.replaceAll(cookie -> cookie.toLowerCase(java.util.Locale.ROOT));
        assertTrue(set.stream().anyMatch(cookie -> cookie.contains("_visit_") && cookie.contains("samesite=strict")));
        assertTrue(set.stream().anyMatch(cookie -> cookie.contains("_login_") && cookie.contains("max-age=0")));
    }

    @Test
    void one_comes_back_to_where_one_wanted_to_go() {
        var who = traveller();
        assertTrue(signIn(who, claims -> claims).body().contains("url=/console/approvals?tab=all"));
        assertTrue(who.get("/console/approvals").body().contains("ann"));
    }

    @Test
    void only_what_this_browser_was_sent_for_is_taken_and_once() {
        var other = traveller();
        var others = other.leave();
        var who = traveller();
        var asked = who.leave();
        gives(signed(claims(asked).build()));
        isRefused(who, who.comeBack(returned(others)), 403, "not what this browser was sent for");
        isRefused(who, who.comeBack(returned(asked)), 400, "has come back already");
        isRefused(traveller(), traveller().comeBack(returned(asked)), 400, "did not go from here");

        asked = who.leave();
        gives(signed(claims(asked).build()));
        assertEquals(200, who.comeBack(returned(asked)).statusCode());
        assertTrue(who.isIn());
        var again = traveller();
        isRefused(again, again.comeBack(returned(asked)), 400, "did not go from here");
    }

    @Test
    void coming_back_is_late_after_ten_minutes() {
        var who = traveller();
        var asked = who.leave();
        gives(signed(claims(asked).build()));
        PASSED.addAndGet(Attempts.LIFE.plusSeconds(1).toNanos());
        isRefused(who, who.comeBack(returned(asked)), 400, "did not go from here");
        isLetIn(claims -> claims);
    }

    @Test
    void nothing_but_a_navigation_comes_back_and_no_other_site_sends_anybody_there() {
        for (String fetched : List.of("cors", "no-cors")) {
            var who = traveller();
            var asked = who.leave();
            gives(signed(claims(asked).build()));
            var fetch = Map.of("Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", fetched, "Sec-Fetch-Dest", "empty");
            isRefused(who, who.comeBack(returned(asked), fetch), 400, "nobody was signed in");
        }
        var lured = traveller().get("/console/sign-in/issuer", Map.of("Sec-Fetch-Site", "cross-site"));
        assertEquals(
                "/console/sign-in?next=%2Fconsole%2Fapprovals",
                lured.headers().firstValue("location").orElseThrow());
        assertFalse(lured.headers().firstValue("set-cookie").isPresent());
        isLetIn(claims -> claims);
    }

    @Test
    void a_return_of_another_issuer_is_none() {
        var who = traveller();
        var asked = who.leave();
        gives(signed(claims(asked).build()));
        var mixed = returned(asked);
        mixed.put("iss", "https://other.example");
        isRefused(who, who.comeBack(mixed), 403, "another issuer");

        asked = who.leave();
        gives(signed(claims(asked).build()));
        var named = returned(asked);
        named.put("iss", provider.issuer());
        assertEquals(200, who.comeBack(named).statusCode());
    }

    @Test
    void the_tokens_claims_are_this_attempts_and_this_clients() {
        isLetIn(claims -> claims);
        isRefused(claims -> claims.claim("nonce", "another"), "another attempt");
        isRefused(claims -> claims.claim("nonce", null), "another attempt");
        isRefused(claims -> claims.audience("someone-else"), "another audience");
        isRefused(claims -> claims.audience(List.of(ProviderGuard.CLIENT, "other")), "another audience");
        isRefused(claims -> claims.claim("azp", "other"), "another audience");
        isLetIn(claims ->
                claims.audience(List.of(ProviderGuard.CLIENT, "other")).claim("azp", ProviderGuard.CLIENT));
        isRefused(claims -> claims.issuer("https://other.example"), "another issuer");
        isRefused(claims -> claims.expirationTime(Date.from(Instant.now().minusSeconds(120))), "expired");
        isLetIn(claims -> claims.expirationTime(Date.from(Instant.now().minusSeconds(30))));
        isRefused(claims -> claims.expirationTime(null), "does not say when it ends");
        isRefused(claims -> claims.issueTime(null), "does not say when it was issued");
        isRefused(claims -> claims.issueTime(Date.from(Instant.now().plusSeconds(120))), "not good yet");
        isRefused(claims -> claims.subject(null), "whose it is");
        isRefused(claims -> claims.claim("preferred_username", null), "holds no `preferred_username`");
    }

    @Test
    void the_token_is_signed_by_the_providers_key_and_is_an_id_token() throws Exception {
        var who = traveller();
        var asked = who.leave();
        var good = claims(asked).build();
        String token = signed(good);
        int middle = token.indexOf('.') + 1;
        String payload = Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(claims(asked)
                        .claim("groups", List.of("guard-admins"))
                        .build()
                        .toString()
                        .getBytes(StandardCharsets.UTF_8));
        byte[] published = provider.key().toRSAPublicKey().getEncoded();
        var forged = Map.of(
                token.substring(0, middle) + payload + token.substring(token.lastIndexOf('.')),
                "not signed by the issuer",
                signed(good, AuthorizationServer.key("first"), "JWT"),
                "not signed by the issuer",
                new PlainJWT(good).serialize(),
                "an algorithm that is not taken",
                AuthorizationServer.signed(new JWSHeader(JWSAlgorithm.HS256), good, new MACSigner(published)),
                "an algorithm that is not taken",
                signed(good, provider.key(), "at+jwt"),
                "another kind",
                "not-a-token",
                "malformed");
        for (var each : forged.entrySet()) {
            asked = who.leave();
            var renewed = returned(asked);
            gives(each.getKey());
            isRefused(who, who.comeBack(renewed), 403, each.getValue());
        }
        isLetIn(claims -> claims);
    }

    @Test
    void groups_give_roles_and_whoever_has_none_is_told_what_was_seen() {
        UnaryOperator<JWTClaimsSet.Builder> eve =
                claims -> claims.subject("of-the-issuer|eve").claim("preferred_username", "eve");
        isRefused(claims -> eve.apply(claims).claim("groups", List.of("staff", "<b>\u202elawyers")), "staff");
        var who = traveller();
        var told = signIn(who, claims -> eve.apply(claims).claim("groups", List.of("staff", "<b>\u202elawyers")));
        assertTrue(told.body().contains("knows you as `eve`"), told.body());
        assertTrue(told.body().contains("&lt;b&gt;") && !told.body().contains("\u202e"), told.body());
        assertTrue(told.body().contains("identity.signIn.roles"), told.body());
        isRefused(claims -> eve.apply(claims).claim("groups", List.of()), "names no group");
        isRefused(claims -> eve.apply(claims).claim("groups", null), "holds no `groups` at all");
        assertTrue(
                served.get(Served.SAM, "/v1/audit/entries?q=kind:wire_refused&limit=1000")
                        .text()
                        .contains("no-role"),
                "the journal knows that somebody of the provider's was turned away");

        for (var role : Map.of(
                        "guard-approvers",
                        "/console/approvals",
                        "security",
                        "/console/audit",
                        "guard-admins",
                        "/console/audit")
                .entrySet()) {
            var let = traveller();
            assertEquals(
                    200,
                    signIn(let, claims -> eve.apply(claims).claim("groups", List.of("staff", role.getKey())))
                            .statusCode());
            assertEquals(200, let.get(role.getValue()).statusCode(), role.getKey());
        }
        var approver = traveller();
        signIn(approver, claims -> eve.apply(claims).claim("groups", "guard-approvers"));
        assertEquals(200, approver.get("/console/approvals").statusCode());
        assertEquals(403, approver.get("/console/audit").statusCode());
    }

    @Test
    void nobody_comes_in_as_an_operator_whom_the_file_does_not_give_the_subject() {
        var who = traveller();
        var answer = signIn(
                who,
                claims -> claims.subject("of-the-issuer|bob")
                        .claim("preferred_username", "Bob@corp.example")
                        .claim("groups", List.of("guard-admins")));
        isRefused(who, answer, 403, "`bob` is an operator here already");
        assertTrue(answer.body().contains("subject: \"of-the-issuer|bob\""), answer.body());
    }

    @Test
    void nobody_votes_on_a_call_made_for_any_of_their_names() {
        var who = traveller();
        assertEquals(
                200,
                signIn(who, claims -> claims.claim("email", "ann.smith@corp.example"))
                        .statusCode());
        for (String user : List.of("ann", "of-the-issuer|ann", "Ann.Smith", "ann.smith@corp.example")) {
            String id = held(user);
            String page = who.get("/console/approvals/" + id).body();
            assertTrue(page.contains("made for you"), user + page);
        }
        String id = held("someone.else");
        assertFalse(who.get("/console/approvals/" + id).body().contains("made for you"));
    }

    /// A call that waits, of the agent for a user.
    private static String held(String user) {
        String token = served.post(
                        Served.APP, "/v1/sessions", "{\"agent\":\"coder\",\"user\":\"" + user + "\",\"task\":\"t\"}")
                .text("token");
        var answer = served.propose(token, "crm.pay", "{\"for\":\"" + user + "\"}");
        assertEquals(202, answer.status(), answer.text());
        return answer.json().object("approval").orElseThrow().text("id").orElseThrow();
    }

    @Test
    void a_visit_lasts_as_long_as_configured_however_busy() {
        var who = traveller();
        signIn(who, claims -> claims);
        for (int i = 0; i < 4; i++) {
            PASSED.addAndGet(Duration.ofMinutes(29).toNanos());
            assertTrue(who.isIn());
        }
        PASSED.addAndGet(Duration.ofMinutes(5).toNanos());
        assertFalse(who.isIn());
    }

    @Test
    void signing_out_ends_the_visit_and_leads_to_where_one_signs_out_of_the_provider() {
        var who = traveller();
        signIn(who, claims -> claims);
        var out = who.signOut();
        assertEquals(
                "/console/sign-in/out", out.headers().firstValue("location").orElse(NONE));
        assertFalse(who.isIn());
        String page = who.get("/console/sign-in/out").body();
        assertTrue(page.contains(provider.issuer() + "/leave?client_id=guardrail-console"), page);
        assertTrue(page.contains("post_logout_redirect_uri="), page);
    }

    @Test
    void what_the_provider_says_of_an_error_is_told_as_a_word_alone() {
        var who = traveller();
        var asked = who.leave();
        isRefused(
                who,
                who.comeBack(Map.of("state", asked.get("state"), "error", "access_denied")),
                403,
                "let nobody in (access_denied)");
        asked = who.leave();
        var answer = who.comeBack(Map.of("state", asked.get("state"), "error", "<script>"));
        isRefused(who, answer, 403, "let nobody in");
        assertFalse(answer.body().contains("script&gt;"), answer.body());
        asked = who.leave();
        provider.tokens(form -> AuthorizationServer.Answer.of(
                400, JsonObject.with("error", "invalid_grant").build()));
        isRefused(who, who.comeBack(returned(asked)), 403, "does not take the code that came back (invalid_grant)");
    }

    @Test
    void another_name_of_this_machine_leads_to_the_one_that_the_provider_knows() {
        var other = new Traveller(url.replace("127.0.0.1", "localhost"));
        assertEquals(
                url + "/console/sign-in?next=%2Fconsole%2Fapprovals",
                other.get("/console/sign-in/issuer")
                        .headers()
                        .firstValue("location")
                        .orElse(NONE));
    }

    @Test
    void while_the_provider_does_not_answer_a_key_still_opens_the_console(@TempDir Path directory) throws Exception {
        var gone = new AuthorizationServer();
        String issuer = gone.issuer();
        gone.close();
        try (var alone = ProviderGuard.in(directory, issuer, ProviderGuard.port(), Clocks.system())) {
            var who = new Traveller(alone.sidecar.url().toString());
            assertEquals(200, who.get("/console/sign-in").statusCode());
            var answer = who.get("/console/sign-in/issuer");
            assertEquals(503, answer.statusCode());
            assertTrue(answer.body().contains("a key still works"), answer.body());
            assertEquals(
                    200,
                    new Visitor(alone)
                            .signIn(Served.SAM)
                            .get("/console/approvals")
                            .status());
        }
    }

    @Test
    void endpoints_lie_where_the_provider_does_or_an_operator_said(@TempDir Path directory) throws Exception {
        try (var elsewhere = new AuthorizationServer()) {
            elsewhere.metadata(object ->
                    (JsonObject) StrictJson.parse(new String(JsonWriter.bytes(object), StandardCharsets.UTF_8)
                            .replace(elsewhere.issuer() + "/token", provider.issuer() + "/token")
                            .getBytes(StandardCharsets.UTF_8)));
            try (var wary = ProviderGuard.in(directory, elsewhere.issuer(), ProviderGuard.port(), Clocks.system())) {
                var who = new Traveller(wary.sidecar.url().toString());
                assertEquals(503, who.get("/console/sign-in/issuer").statusCode());
                elsewhere.metadata(UnaryOperator.identity());
                assertEquals(303, who.get("/console/sign-in/issuer").statusCode());
            }
        }
    }
}
