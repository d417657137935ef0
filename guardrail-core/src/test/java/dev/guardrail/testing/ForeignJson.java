package dev.guardrail.testing;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.guardrail.base.Json;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonBoolean;
import dev.guardrail.base.JsonNull;
import dev.guardrail.base.JsonNumber;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Optional;

/// How another parser, as upstreams use it, reads the same bytes: Jackson's, over bytes that are strict UTF-8. Over
/// characters it takes U+0563 for the hex digit c.
public final class ForeignJson {
    private static final JsonFactory LENIENT =
            JsonFactory.builder().disable(JsonFactory.Feature.CHARSET_DETECTION).build();
    private static final JsonFactory NO_NAME_TWICE = JsonFactory.builder()
            .disable(JsonFactory.Feature.CHARSET_DETECTION)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private ForeignJson() {}

    /// @return the value; empty where the parser refuses the bytes, a name that stands twice included
    public static Optional<Json> strict(byte[] bytes) {
        return read(NO_NAME_TWICE, bytes);
    }

    /// @return the value, of a name that stands twice the last one; empty where the parser refuses the bytes
    public static Optional<Json> lenient(byte[] bytes) {
        return read(LENIENT, bytes);
    }

    private static Optional<Json> read(JsonFactory factory, byte[] bytes) {
        if (!isUtf8(bytes)) return Optional.empty();
        try (JsonParser parser = factory.createParser(bytes)) {
            if (parser.nextToken() == null) return Optional.empty();
            Json value = value(parser);
            return parser.nextToken() == null ? Optional.of(value) : Optional.empty();
        } catch (IOException refused) {
            return Optional.empty();
        }
    }

    private static boolean isUtf8(byte[] bytes) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            return true;
        } catch (CharacterCodingException malformed) {
            return false;
        }
    }

    private static Json value(JsonParser parser) throws IOException {
        JsonToken token = parser.currentToken();
        return switch (token) {
            case START_OBJECT -> object(parser);
            case START_ARRAY -> array(parser);
            case VALUE_STRING -> new JsonText(parser.getText());
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> JsonNumber.verbatim(parser.getText());
            case VALUE_TRUE -> JsonBoolean.TRUE;
            case VALUE_FALSE -> JsonBoolean.FALSE;
            case VALUE_NULL -> JsonNull.NULL;
            default -> throw new IOException("no value starts with " + token);
        };
    }

    private static JsonObject object(JsonParser parser) throws IOException {
        var members = new LinkedHashMap<String, Json>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            parser.nextToken();
            members.put(name, value(parser));
        }
        return new JsonObject(members);
    }

    private static JsonArray array(JsonParser parser) throws IOException {
        var items = new ArrayList<Json>();
        while (parser.nextToken() != JsonToken.END_ARRAY) items.add(value(parser));
        return new JsonArray(items);
    }
}
