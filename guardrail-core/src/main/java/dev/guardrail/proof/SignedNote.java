package dev.guardrail.proof;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/// A text with signatures under it (c2sp.org/signed-note). The text says nothing until [#open] vouches for it.
///
/// @param text ends in a newline
public record SignedNote(String text, List<Signature> signatures) {
    private static final int MAX_BYTES = 1024 * 1024;
    private static final int MAX_SIGNATURES = 100;
    private static final String SIGNATURE_START = "\u2014 ";

    public SignedNote {
        signatures = List.copyOf(signatures);
        if (!text.endsWith("\n") || hasControl(text))
            throw new MalformedProof("a note's text ends in a newline and has no other control character");
        if (signatures.isEmpty() || signatures.size() > MAX_SIGNATURES)
            throw new MalformedProof("a note has 1 to " + MAX_SIGNATURES + " signatures");
    }

    /// Signs a text.
    public static SignedNote sign(String text, Signer signer) {
        var by = signer.verifier();
        byte[] signature = signer.sign(text.getBytes(UTF_8));
        byte[] raw = ByteBuffer.allocate(Integer.BYTES + signature.length)
                .putInt(by.keyId())
                .put(signature)
                .array();
        return new SignedNote(text, List.of(new Signature(by.name(), Base64Text.encode(raw))));
    }

    /// Reads a note; nothing is verified.
    ///
    /// @throws MalformedProof where the bytes are not a signed note
    public static SignedNote parse(byte[] bytes) {
        if (bytes.length > MAX_BYTES) throw new MalformedProof("a note has at most " + MAX_BYTES + " bytes");
        String note = decode(bytes);
        int split = note.lastIndexOf("\n\n");
        if (split < 0 || !note.endsWith("\n")) throw new MalformedProof("a note has signatures after an empty line");
        var signatures = new ArrayList<Signature>();
        for (String line : note.substring(split + 2).split("\n", -1)) {
            if (line.isEmpty() && signatures.size() > 0) break;
            if (signatures.size() == MAX_SIGNATURES)
                throw new MalformedProof("a note has 1 to " + MAX_SIGNATURES + " signatures");
            signatures.add(Signature.parse(line));
        }
        return new SignedNote(note.substring(0, split + 1), signatures);
    }

    /// The note as bytes; [#parse] reads them.
    public byte[] bytes() {
        var note = new StringBuilder(text).append('\n');
        for (Signature signature : signatures)
            note.append(SIGNATURE_START)
                    .append(signature.name())
                    .append(' ')
                    .append(signature.base64())
                    .append('\n');
        return note.toString().getBytes(UTF_8);
    }

    /// The text, where at least one trusted key signed it and no signature of a trusted key fails. Signatures of
    /// other keys are ignored, as the specification demands.
    ///
    /// @param trusted keys given out of band
    /// @return empty where nobody trusted vouches for the text
    public Optional<String> open(Collection<? extends Verifier> trusted) {
        byte[] message = text.getBytes(UTF_8);
        boolean signed = false;
        for (Signature signature : signatures) {
            for (Verifier key : trusted) {
                if (!signature.isBy(key)) continue;
                if (!key.verify(message, signature.bytes())) return Optional.empty();
                signed = true;
            }
        }
        return signed ? Optional.of(text) : Optional.empty();
    }

    private static boolean hasControl(String text) {
        return text.chars().anyMatch(unit -> unit < ' ' && unit != '\n');
    }

    private static String decode(byte[] bytes) {
        try {
            return UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException malformed) {
            throw new MalformedProof("a note is UTF-8 text", malformed);
        }
    }

    /// One signature line.
    ///
    /// @param name of the key
    /// @param base64 of four bytes of key id and the signature
    public record Signature(String name, String base64) {
        public Signature {
            if (!isKeyName(name)) throw new MalformedProof("`" + name + "` is not a key name");
            if (Base64Text.decode(base64).length <= Integer.BYTES) throw new MalformedProof("a signature is too short");
        }

        public int keyId() {
            return ByteBuffer.wrap(Base64Text.decode(base64)).getInt();
        }

        /// The signature without its key id.
        public byte[] bytes() {
            byte[] raw = Base64Text.decode(base64);
            return java.util.Arrays.copyOfRange(raw, Integer.BYTES, raw.length);
        }

        boolean isBy(Verifier key) {
            return name.equals(key.name()) && keyId() == key.keyId();
        }

        static boolean isKeyName(String name) {
            return !name.isEmpty()
                    && name.indexOf('+') < 0
                    && name.codePoints()
                            .noneMatch(point -> Character.isWhitespace(point)
                                    || Character.isSpaceChar(point)
                                    || point < ' '
                                    || point == 0x85);
        }

        private static Signature parse(String line) {
            int space = line.lastIndexOf(' ');
            if (!line.startsWith(SIGNATURE_START) || space < SIGNATURE_START.length())
                throw new MalformedProof("a signature line is a dash, a key name and base64");
            return new Signature(line.substring(SIGNATURE_START.length(), space), line.substring(space + 1));
        }
    }
}
