package dev.guardrail.journal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.guardrail.base.Sha256;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

class AesSealSpec {
    private static final byte[] PLAIN = "{\"path\":\"notes.txt\"}".getBytes(StandardCharsets.UTF_8);

    private final AesSeal seal = new AesSeal(key(1), new SecureRandom());

    @Test
    void a_body_opens_to_what_was_sealed() {
        var sealed = seal.seal("call_1/arguments", PLAIN);

        assertArrayEquals(PLAIN, seal.open("call_1/arguments", sealed.body().sealed()));
        assertEquals("call_1/arguments", sealed.body().id());
        assertEquals("call_1/arguments", sealed.commitment().body());
    }

    @Test
    void an_empty_body_opens_too() {
        var sealed = seal.seal("call_1/result", new byte[0]);

        assertArrayEquals(new byte[0], seal.open("call_1/result", sealed.body().sealed()));
    }

    @Test
    void the_commitment_can_be_worked_out_again() {
        var sealed = seal.seal("call_1/arguments", PLAIN);

        assertEquals(
                sealed.commitment().digest(),
                seal.commitment("call_1/arguments", sealed.body().sealed()));
    }

    @Test
    void neither_commitment_nor_ciphertext_tells_that_two_bodies_are_equal() {
        Set<Sha256> commitments = new HashSet<>();
        Set<Sha256> ciphertexts = new HashSet<>();
        for (int i = 0; i < 100; i++) {
            var sealed = seal.seal("call_1/arguments", PLAIN);
            commitments.add(sealed.commitment().digest());
            ciphertexts.add(Sha256.of(sealed.body().sealed()));
        }

        assertEquals(100, commitments.size());
        assertEquals(100, ciphertexts.size());
        assertFalse(commitments.contains(Sha256.of(PLAIN)));
    }

    @Test
    void no_two_bodies_share_key_and_nonce() {
        Set<Sha256> headers = new HashSet<>();
        for (int i = 0; i < 100; i++) {
            byte[] sealed = seal.seal("call_1/arguments", PLAIN).body().sealed();
            headers.add(Sha256.of(Arrays.copyOf(sealed, 1 + 16)));
            headers.add(Sha256.of(Arrays.copyOfRange(sealed, 1 + 16, 1 + 16 + 12)));
        }

        assertEquals(200, headers.size());
    }

    @Test
    void a_body_moved_to_another_id_does_not_open() {
        byte[] sealed = seal.seal("call_1/arguments", PLAIN).body().sealed();

        assertThrows(SecurityException.class, () -> seal.open("call_2/arguments", sealed));
        assertThrows(SecurityException.class, () -> seal.commitment("call_2/arguments", sealed));
    }

    @Test
    void every_flipped_bit_is_noticed() {
        byte[] sealed = seal.seal("call_1/arguments", PLAIN).body().sealed();
        for (int bit = 0; bit < sealed.length * 8; bit++) {
            byte[] flipped = sealed.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            assertThrows(SecurityException.class, () -> seal.open("call_1/arguments", flipped), "bit " + bit);
        }
    }

    @Test
    void every_shortened_body_is_noticed() {
        byte[] sealed = seal.seal("call_1/arguments", PLAIN).body().sealed();
        for (int length = 0; length < sealed.length; length++) {
            byte[] cut = Arrays.copyOf(sealed, length);
            assertThrows(SecurityException.class, () -> seal.open("call_1/arguments", cut), "length " + length);
        }
    }

    @Test
    void another_key_opens_nothing_and_blinds_otherwise() {
        var other = new AesSeal(key(2), new SecureRandom());
        byte[] sealed = seal.seal("call_1/arguments", PLAIN).body().sealed();

        assertThrows(SecurityException.class, () -> other.open("call_1/arguments", sealed));
        assertNotEquals(seal.blind(PLAIN), other.blind(PLAIN));
    }

    @Test
    void equal_values_blind_alike_under_one_key() throws Exception {
        assertEquals(seal.blind(PLAIN), new AesSeal(key(1), new SecureRandom()).blind(PLAIN));
        assertEquals(
                Sha256.wrap(hmac(hmac(key(1), "guardrail blind 1".getBytes(StandardCharsets.US_ASCII)), PLAIN)),
                seal.blind(PLAIN));
        assertNotEquals(Sha256.of(PLAIN), seal.blind(PLAIN));
        assertNotEquals(seal.blind(new byte[] {1}), seal.blind(new byte[] {2}));
    }

    @Test
    void a_key_of_another_length_is_refused() {
        assertThrows(IllegalArgumentException.class, () -> new AesSeal(new byte[16], new SecureRandom()));
    }

    private static byte[] key(int fill) {
        var key = new byte[AesSeal.KEY_BYTES];
        Arrays.fill(key, (byte) fill);
        return key;
    }

    private static byte[] hmac(byte[] key, byte[] value) throws Exception {
        var mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        return mac.doFinal(value);
    }
}
