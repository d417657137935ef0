package dev.guardrail.server.relay;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.MalformedJson;
import dev.guardrail.base.StrictJson;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// What must hold of mirrored headers, whatever comes: one text for a value and one value for a text that is not plain;
/// what is made from a body agrees with it, and nothing else does.
///
/// @param decoding the reading of a value to judge; a test plants wrong ones
record MirrorOracle(Decoding decoding) {

    /// A reading of a header's value.
    interface Decoding {
        Optional<String> decode(String header);
    }

    MirrorOracle() {
        this(Mirror::decode);
    }

    /// @throws AssertionError where something does not hold
    void judge(byte[] input) {
        received(new String(input, ISO_8859_1));
        text(input).ifPresent(this::sent);
        json(input).ifPresent(MirrorOracle::mirrored);
    }

    private void received(String header) {
        Optional<String> text = decoding.decode(header);
        if (text.isEmpty()) return;
        require(header.chars().allMatch(MirrorOracle::isCarried), "a header that HTTP does not carry is read");
        if (text.get().equals(header)) {
            boolean marked = header.startsWith("=?base64?") && header.endsWith("?=");
            require(!marked, "an encoded value stands for itself");
        } else {
            String again = Mirror.encode(text.get());
            boolean needless = again.equals(text.get());
            require(needless || again.equals(header), "two values for one text");
        }
    }

    private void sent(String text) {
        String header = Mirror.encode(text);
        require(header.chars().allMatch(c -> c >= ' ' && c < 0x7F), "HTTP does not carry what was made");
        require(header.equals(header.strip()), "HTTP would strip what was made");
        require(decoding.decode(header).equals(Optional.of(text)), "sent and read again, it is another text");
    }

    /// The input as a call's schema and params.
    private static void mirrored(JsonObject input) {
        JsonObject params = input.object("params").orElse(JsonObject.EMPTY);
        Optional<JsonObject> schema = input.object("schema");
        Map<String, String> headers = Mirror.of("tools/call", params, schema);
        if (Era.revision(params).isEmpty() || params.text("name").isEmpty()) return;
        if (!headers.get(Mirror.REVISION).chars().allMatch(MirrorOracle::isCarried)) return;
        require(mismatch(headers, params, schema).isEmpty(), "the guard's own headers do not agree with the body");
        headers.keySet().forEach(name -> {
            var other = new HashMap<>(headers);
            other.merge(name, "x", String::concat);
            require(mismatch(other, params, schema).isPresent(), "`" + name + "` says something else");
            other.remove(name);
            require(mismatch(other, params, schema).isPresent(), "`" + name + "` says nothing");
        });
    }

    private static Optional<String> mismatch(
            Map<String, String> headers, JsonObject params, Optional<JsonObject> schema) {
        return Mirror.mismatch(
                name -> Optional.ofNullable(headers.get(name)).stream().toList(), "tools/call", params, schema);
    }

    private static boolean isCarried(int c) {
        return c == '\t' || c >= ' ' && c < 0x7F;
    }

    private static Optional<String> text(byte[] input) {
        try {
            return Optional.of(UTF_8.newDecoder().decode(ByteBuffer.wrap(input)).toString());
        } catch (CharacterCodingException none) {
            return Optional.empty();
        }
    }

    private static Optional<JsonObject> json(byte[] input) {
        try {
            Json json = StrictJson.parse(input);
            return json instanceof JsonObject object ? Optional.of(object) : Optional.empty();
        } catch (MalformedJson none) {
            return Optional.empty();
        }
    }

    private static void require(boolean holds, String what) {
        if (!holds) throw new AssertionError(what);
    }
}
