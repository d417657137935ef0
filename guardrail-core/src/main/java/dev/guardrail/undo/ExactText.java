package dev.guardrail.undo;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.Optional;

/// Bytes of a state as a text: secrets in it are found, and writing it gives the same bytes again.
public final class ExactText {
    /// What a reader puts in place of bytes that are no text: the guard takes it for that.
    private static final char REPLACEMENT = '\uFFFD';

    private ExactText() {}

    /// @return empty where they are no UTF-8, or have what others put in place of it: they are kept as bytes
    public static Optional<String> of(byte[] bytes) {
        try {
            return Optional.of(UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString())
                    .filter(text -> text.indexOf(REPLACEMENT) < 0);
        } catch (CharacterCodingException binary) {
            return Optional.empty();
        }
    }
}
