package dev.guardrail.proof;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SignedNoteSpec {
    /// The key pair and note that the format's first implementation is tested with.
    private static final String VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    private static final String SEED = "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
    private static final String TEXT =
            "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
    private static final String SIGNATURE =
            "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=";
    private static final String LINE = "\u2014 PeterNeumann " + SIGNATURE + "\n";
    private static final String NOTE = TEXT + "\n" + LINE;

    private final Ed25519Verifier peter = Ed25519Verifier.parse(VKEY);
    private final Ed25519Signer other = Ed25519Signer.of("example.com/other", new byte[] {
        1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30,
        31, 32
    });

    @Test
    void the_published_note_opens() {
        var note = SignedNote.parse(NOTE.getBytes(UTF_8));

        assertEquals(Optional.of(TEXT), note.open(List.of(peter)));
        assertEquals(NOTE, new String(note.bytes(), UTF_8));
    }

    @Test
    void signing_the_published_text_gives_the_published_note() {
        byte[] seed = Base64.getDecoder().decode(SEED);
        var signer = Ed25519Signer.of("PeterNeumann", Arrays.copyOfRange(seed, 1, 33));

        assertEquals(VKEY, signer.verifier().vkey());
        assertEquals(NOTE, new String(SignedNote.sign(TEXT, signer).bytes(), UTF_8));
    }

    @Test
    void a_changed_text_does_not_open() {
        for (int i = 0; i < TEXT.length(); i++) {
            if (TEXT.charAt(i) == '\n') continue;
            String changed = TEXT.substring(0, i) + (char) (TEXT.charAt(i) ^ 1) + TEXT.substring(i + 1);

            assertEquals(
                    Optional.empty(),
                    SignedNote.parse((changed + "\n" + LINE).getBytes(UTF_8)).open(List.of(peter)));
        }
    }

    @Test
    void a_changed_signature_does_not_open() {
        byte[] raw = Base64.getDecoder().decode(SIGNATURE);
        for (int i = 0; i < raw.length; i++) {
            byte[] changed = raw.clone();
            changed[i] ^= 4;
            String line = "\u2014 PeterNeumann " + Base64.getEncoder().encodeToString(changed) + "\n";

            assertEquals(
                    Optional.empty(),
                    SignedNote.parse((TEXT + "\n" + line).getBytes(UTF_8)).open(List.of(peter)));
        }
    }

    @Test
    void signatures_of_unknown_keys_are_ignored_and_one_known_key_is_needed() {
        String otherLine = lines(SignedNote.sign(TEXT, other));
        String sameName = lines(SignedNote.sign(TEXT, Ed25519Signer.of("PeterNeumann", new byte[32])));

        assertEquals(Optional.of(TEXT), open(otherLine + LINE, peter));
        assertEquals(Optional.of(TEXT), open(LINE + otherLine, peter));
        assertEquals(Optional.of(TEXT), open(sameName + LINE, peter));
        assertEquals(Optional.of(TEXT), open(LINE + otherLine, peter, other.verifier()));
        assertEquals(Optional.empty(), open(otherLine, peter));
        assertEquals(Optional.empty(), open(sameName, peter));
        assertEquals(Optional.empty(), open(LINE));
    }

    @Test
    void one_failing_signature_of_a_known_key_spoils_the_note() {
        String forged = lines(SignedNote.sign("something else\n", other));

        assertEquals(Optional.of(TEXT), open(LINE + forged, peter));
        assertEquals(Optional.empty(), open(LINE + forged, peter, other.verifier()));
    }

    @Test
    void the_last_empty_line_separates_text_and_signatures() {
        String text = "one\n\ntwo\n";
        var note = SignedNote.parse(SignedNote.sign(text, other).bytes());

        assertEquals(Optional.of(text), note.open(List.of(other.verifier())));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "text",
                "text\n",
                "text\n\n",
                "text\n\n\n",
                "\u2014 PeterNeumann x08go/ZJ\n",
                "text\n\n- PeterNeumann x08go/ZJ\n",
                "text\n\n\u2014PeterNeumann x08go/ZJ\n",
                "text\n\n\u2014 PeterNeumann x08go/ZJ",
                "text\n\n\u2014 PeterNeumann x08gow==\n",
                "text\n\n\u2014 PeterNeumann x08go/Z\n",
                "text\n\n\u2014 PeterNeumann x08go/Zk=\n",
                "text\n\n\u2014 PeterNeumann x08go_ZJ\n",
                "text\n\n\u2014 Peter+Neumann x08go/ZJ\n",
                "text\n\n\u2014 Peter Neumann x08go/ZJ\n",
                "text\n\n\u2014 Peter\u2003Neumann x08go/ZJ\n",
                "text\n\n\u2014  x08go/ZJ\n",
                "text\n\n\u2014 x08go/ZJ\n",
                "te\txt\n\n\u2014 PeterNeumann x08go/ZJ\n",
                "te\rxt\n\n\u2014 PeterNeumann x08go/ZJ\n",
                "text\n\n\u2014 PeterNeumann x08go/ZJ\nmore\n",
                "text\n\n\u2014 PeterNeumann x08go/ZJ\r\n"
            })
    void what_is_not_a_note_is_refused(String text) {
        assertThrows(MalformedProof.class, () -> SignedNote.parse(text.getBytes(UTF_8)));
    }

    @Test
    void bytes_that_are_not_utf8_are_refused() {
        byte[] bytes = NOTE.getBytes(UTF_8);
        bytes[3] = (byte) 0xFF;

        assertThrows(MalformedProof.class, () -> SignedNote.parse(bytes));
    }

    @Test
    void signatures_and_size_are_bounded() {
        assertEquals(Optional.of(TEXT), open(LINE.repeat(100), peter));
        assertThrows(MalformedProof.class, () -> open(LINE.repeat(101), peter));
        String endless = "x".repeat(1024 * 1024) + "\n\n" + LINE;
        assertThrows(MalformedProof.class, () -> SignedNote.parse(endless.getBytes(UTF_8)));
    }

    @Test
    void a_changed_verifier_key_is_refused() {
        for (int i = 0; i < VKEY.length(); i++) {
            String changed = VKEY.substring(0, i) + (char) (VKEY.charAt(i) + 1) + VKEY.substring(i + 1);
            assertThrows(MalformedProof.class, () -> Ed25519Verifier.parse(changed), changed);
            String cut = VKEY.substring(0, i);
            assertThrows(MalformedProof.class, () -> Ed25519Verifier.parse(cut), cut);
        }
        assertEquals(VKEY, peter.toString());
    }

    /// A key of another length and one of another type, each with the id that fits it.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",
                "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
                "PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
            })
    void a_verifier_key_of_another_kind_is_refused(String vkey) {
        assertThrows(MalformedProof.class, () -> Ed25519Verifier.parse(vkey));
    }

    @Test
    void a_signature_of_the_wrong_length_is_no_signature() {
        byte[] message = TEXT.getBytes(UTF_8);
        byte[] signature = other.sign(message);

        assertTrue(other.verifier().verify(message, signature));
        assertFalse(other.verifier().verify(message, new byte[0]));
        assertFalse(other.verifier().verify(message, Arrays.copyOf(signature, 63)));
        assertFalse(other.verifier().verify(message, Arrays.copyOf(signature, 65)));
    }

    @Test
    void a_key_file_is_read_back() {
        var again = Ed25519Signer.parsePem("example.com/other", other.pem());

        assertEquals(other.verifier(), again.verifier());
        assertArrayEquals(other.sign(new byte[] {7}), again.sign(new byte[] {7}));
        assertEquals(
                other.verifier(),
                Ed25519Signer.parsePem("example.com/other", "\n" + other.pem().replace("\n", "\r\n"))
                        .verifier());
    }

    @Test
    void a_key_file_of_openssl_is_read() {
        String pem = """
                -----BEGIN PRIVATE KEY-----
                MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC
                -----END PRIVATE KEY-----
                """;

        var signer = Ed25519Signer.parsePem("example.com", pem);

        // RFC 8410, section 10.1
        byte[] key = Base64.getDecoder().decode("GcEOUZoRa4Ny+EMRlHZe4hLsGrGTC4Vf9jSQdB3cv3Q=");
        assertEquals(64, signer.sign(key).length);
        assertEquals(pem, signer.pem());
    }

    @Test
    void what_is_not_a_key_file_is_refused_without_quoting_it() {
        String pem = other.pem();
        String body = pem.lines().skip(1).findFirst().orElseThrow();
        var broken = List.of(
                "",
                body,
                pem.replace("PRIVATE KEY", "PUBLIC KEY"),
                pem.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY"),
                pem.replace(body, body.substring(4)),
                pem.replace(body, "AAAA" + body),
                pem.replace(body, body + body),
                pem.replace(body, "*" + body.substring(1)),
                pem.replace(body, "N" + body.substring(1)),
                "-----BEGIN PRIVATE KEY-----END PRIVATE KEY-----");
        for (String text : broken) {
            var refused = assertThrows(MalformedProof.class, () -> Ed25519Signer.parsePem("a", text));
            assertEquals("the signing key is not an ed25519 key in PKCS #8 PEM", refused.getMessage());
            assertEquals(null, refused.getCause());
        }
    }

    @Test
    void a_signer_never_shows_its_secret() {
        assertEquals("signer of " + other.verifier().vkey(), other.toString());
        assertThrows(MalformedProof.class, () -> Ed25519Signer.of("a", new byte[31]));
        assertThrows(MalformedProof.class, () -> Ed25519Signer.of("a b", new byte[32]));
        var random = new java.security.SecureRandom();
        assertFalse(Ed25519Signer.generate("a", random)
                .verifier()
                .equals(Ed25519Signer.generate("a", random).verifier()));
    }

    private static Optional<String> open(String signatures, Verifier... trusted) {
        return SignedNote.parse((TEXT + "\n" + signatures).getBytes(UTF_8)).open(List.of(trusted));
    }

    private static String lines(SignedNote note) {
        String text = new String(note.bytes(), UTF_8);
        return text.substring(text.lastIndexOf("\n\n") + 2);
    }
}
