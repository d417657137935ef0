package dev.guardrail.server.door.mcp;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonWriter;
import dev.guardrail.base.MalformedJson;
import dev.guardrail.base.Sha256;
import dev.guardrail.base.StrictJson;
import dev.guardrail.base.Ticker;
import dev.guardrail.server.relay.Beside;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/// Seals what a client has to give back (MCP 2026-07-28, basic/patterns/mrtr): the upstream's own state is readable
/// and usable only through us, by the caller that it was given to, for the same request, once, and not for long. The
/// key lives as long as the process: after a restart a client begins anew.
final class StateSeal {
    private static final String PREFIX = "grs1.";
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;
    private static final int MOST_BYTES = 256 * 1024;
    private static final Duration LIFE = Duration.ofMinutes(30);

    /// Seals that were used and would still be young enough; beyond so many the oldest are forgotten with their time.
    private static final int REMEMBERED = 100_000;

    private final SecretKeySpec key;
    private final SecureRandom random;
    private final Ticker ticker;
    private final Map<String, Long> used = new LinkedHashMap<>();

    StateSeal(SecureRandom random, Ticker ticker) {
        byte[] bytes = new byte[32];
        random.nextBytes(bytes);
        this.key = new SecretKeySpec(bytes, "AES");
        this.random = random;
        this.ticker = ticker;
    }

    /// What a seal holds.
    ///
    /// @param upstream the upstream's own state; empty where it has none
    /// @param keys of the questions that the client was permitted to be asked
    record State(Optional<String> upstream, List<String> keys) {
        State {
            keys = List.copyOf(keys);
        }
    }

    /// Seals a state for whoever asked.
    String seal(Asked asked, State state) {
        byte[] nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        var text = JsonObject.with("until", String.valueOf(ticker.nanos() + LIFE.toNanos()))
                .with("upstream", state.upstream())
                .with("keys", JsonArray.ofTexts(state.keys()))
                .build();
        try {
            byte[] sealed = cipher(Cipher.ENCRYPT_MODE, nonce, asked).doFinal(JsonWriter.bytes(text));
            byte[] whole = Arrays.copyOf(nonce, nonce.length + sealed.length);
            System.arraycopy(sealed, 0, whole, nonce.length, sealed.length);
            return PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(whole);
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("AES-GCM is part of every Java", impossible);
        }
    }

    /// Opens a seal, once.
    ///
    /// @return empty where it is not ours, was made for another caller or request, is old, or was used
    Optional<State> open(Asked asked, String text) {
        if (!text.startsWith(PREFIX) || text.length() > MOST_BYTES) return Optional.empty();
        try {
            byte[] whole = Base64.getUrlDecoder().decode(text.substring(PREFIX.length()));
            // One spelling of each seal alone: padding is none of it.
            boolean same = Base64.getUrlEncoder()
                    .withoutPadding()
                    .encodeToString(whole)
                    .equals(text.substring(PREFIX.length()));
            if (whole.length <= NONCE_BYTES || !same) return Optional.empty();
            byte[] plain = cipher(Cipher.DECRYPT_MODE, Arrays.copyOf(whole, NONCE_BYTES), asked)
                    .doFinal(whole, NONCE_BYTES, whole.length - NONCE_BYTES);
            if (!(StrictJson.parse(plain, StrictJson.Limits.DEFAULT.forAnswers()) instanceof JsonObject state))
                return Optional.empty();
            long until = Long.parseLong(state.text("until").orElse("0"));
            // What was decoded, not what was sent: base64 has several spellings of the same bytes.
            if (until - ticker.nanos() <= 0 || !use(Sha256.of(whole).hex(), until)) return Optional.empty();
            return Optional.of(new State(
                    state.text("upstream"),
                    state.array("keys").orElse(JsonArray.EMPTY).texts()));
        } catch (IllegalArgumentException | GeneralSecurityException | MalformedJson broken) {
            return Optional.empty();
        }
    }

    private synchronized boolean use(String nonce, long until) {
        long now = ticker.nanos();
        var oldest = used.entrySet().iterator();
        while (oldest.hasNext() && oldest.next().getValue() - now <= 0) oldest.remove();
        // Refusing is safe, forgetting is not.
        return used.size() < REMEMBERED && used.putIfAbsent(nonce, until) == null;
    }

    private Cipher cipher(int mode, byte[] nonce, Asked asked) throws GeneralSecurityException {
        var cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
        cipher.updateAAD(binding(asked));
        return cipher;
    }

    /// Who asked for what: method, server, and all params that policy sees.
    private static byte[] binding(Asked asked) {
        var owner = McpSession.Owner.of(asked.caller());
        Json seen = Beside.seen(asked.params());
        return Sha256.of(JsonObject.with("kind", owner.kind().name())
                        .with("name", owner.name())
                        .with("session", owner.session().map(id -> id.value()))
                        .with("user", owner.user())
                        .with("server", asked.server())
                        .with("method", asked.request().method())
                        .with("params", seen)
                        .build())
                .bytes();
    }
}
