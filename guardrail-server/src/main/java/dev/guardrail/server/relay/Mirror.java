package dev.guardrail.server.relay;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.guardrail.base.CanonicalJson;
import dev.guardrail.base.Json;
import dev.guardrail.base.JsonBoolean;
import dev.guardrail.base.JsonNumber;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;

/// HTTP headers that repeat what stands in the body of a modern request (MCP 2026-07-28, streamable HTTP, "Request
/// Metadata"). They never decide: what differs from the body refuses, and upstream they are made from the body anew.
public final class Mirror {
    public static final String REVISION = "MCP-Protocol-Version";
    public static final String METHOD = "Mcp-Method";
    public static final String NAME = "Mcp-Name";
    public static final String PARAM = "Mcp-Param-";

    private static final String ANNOTATION = "x-mcp-header";
    private static final String ENCODED = "=?base64?";
    private static final String ENCODED_END = "?=";
    private static final int DEPTH = 32;

    private Mirror() {}

    /// The headers of a request.
    ///
    /// @param schema input schema of the tool that it calls, where it calls one
    public static Map<String, String> of(String method, JsonObject params, Optional<JsonObject> schema) {
        var headers = new LinkedHashMap<String, String>();
        headers.put(REVISION, Era.revision(params).orElse(Era.REVISION));
        headers.put(METHOD, method);
        name(method, params).ifPresent(name -> headers.put(NAME, encode(name)));
        if (method.equals("tools/call"))
            values(params, schema).forEach((name, value) -> headers.put(PARAM + name, encode(value.text())));
        return headers;
    }

    /// What of the headers does not say what the body says.
    ///
    /// @param headers all values of the header with a name, whatever its case
    /// @return one lower-case clause; empty where all agree
    public static Optional<String> mismatch(
            Function<String, List<String>> headers, String method, JsonObject params, Optional<JsonObject> schema) {
        return differs(REVISION, headers, Era.revision(params), false)
                .or(() -> differs(METHOD, headers, Optional.of(method), false))
                .or(() -> differs(NAME, headers, name(method, params), true))
                .or(() -> method.equals("tools/call") ? parameter(headers, params, schema) : Optional.empty());
    }

    /// Names of the parameters that a schema wants mirrored, whatever their case.
    public static Set<String> parameters(Optional<JsonObject> schema) {
        return annotated(schema).keySet();
    }

    private static Optional<String> parameter(
            Function<String, List<String>> headers, JsonObject params, Optional<JsonObject> schema) {
        Map<String, Value> values = values(params, schema);
        for (String name : annotated(schema).keySet()) {
            var value = Optional.ofNullable(values.get(name));
            List<String> sent = headers.apply(PARAM + name);
            boolean same = sent.size() == 1
                    && value.isPresent()
                    && decode(sent.getFirst()).filter(value.get()::says).isPresent();
            if (!same && !(sent.isEmpty() && value.isEmpty()))
                return Optional.of("`" + PARAM + name + "` does not say what the arguments say");
        }
        return Optional.empty();
    }

    private static Optional<String> differs(
            String name, Function<String, List<String>> headers, Optional<String> body, boolean encoded) {
        List<String> sent = headers.apply(name);
        if (sent.isEmpty() && body.isEmpty()) return Optional.empty();
        if (sent.isEmpty()) return Optional.of("`" + name + "` is missing");
        if (sent.size() > 1) return Optional.of("`" + name + "` is there more than once");
        Optional<String> said = encoded ? decode(sent.getFirst()) : Optional.of(sent.getFirst());
        return said.equals(body) ? Optional.empty() : Optional.of("`" + name + "` does not say what the body says");
    }

    /// What `Mcp-Name` repeats.
    private static Optional<String> name(String method, JsonObject params) {
        return switch (method) {
            case "tools/call", "prompts/get" -> params.text("name");
            case "resources/read" -> params.text("uri");
            case "tasks/get", "tasks/update", "tasks/cancel" -> params.text("taskId");
            default -> Optional.empty();
        };
    }

    /// A parameter that is mirrored; a number as JavaScript writes it, `1000` for 1e3.
    private record Value(Json json) {
        String text() {
            return switch (json) {
                case JsonText(String text) -> text;
                case JsonBoolean truth -> String.valueOf(truth == JsonBoolean.TRUE);
                case JsonNumber number -> new String(CanonicalJson.bytes(number), UTF_8);
                case Json other -> other.toString();
            };
        }

        /// Integers are compared as numbers: `42.0` says 42.
        boolean says(String header) {
            if (header.equals(text())) return true;
            if (!(json instanceof JsonNumber number)) return false;
            if (header.length() > 40 || !header.matches("-?[0-9]{1,20}(\\.[0-9]{1,15})?")) return false;
            return new BigDecimal(header).compareTo(new BigDecimal(number.toString())) == 0;
        }
    }

    private static Map<String, Value> values(JsonObject params, Optional<JsonObject> schema) {
        var values = new LinkedHashMap<String, Value>();
        annotated(schema)
                .forEach((name, path) -> at(params.object("arguments").orElse(JsonObject.EMPTY), path)
                        .ifPresent(value -> values.put(name, new Value(value))));
        return values;
    }

    private static Optional<Json> at(JsonObject arguments, List<String> path) {
        JsonObject object = arguments;
        for (String step : path.subList(0, path.size() - 1)) {
            var inner = object.object(step);
            if (inner.isEmpty()) return Optional.empty();
            object = inner.get();
        }
        return object.get(path.getLast())
                .filter(value ->
                        value instanceof JsonText || value instanceof JsonNumber || value instanceof JsonBoolean);
    }

    /// Paths of the properties that a schema wants mirrored, by header name; names are one where only case differs.
    private static Map<String, List<String>> annotated(Optional<JsonObject> schema) {
        var paths = new TreeMap<String, List<String>>(String.CASE_INSENSITIVE_ORDER);
        schema.ifPresent(root -> collect(root, new ArrayList<>(), paths));
        return paths;
    }

    private static void collect(JsonObject schema, List<String> path, Map<String, List<String>> paths) {
        if (path.size() > DEPTH) return;
        schema.object("properties").orElse(JsonObject.EMPTY).members().forEach((name, property) -> {
            if (!(property instanceof JsonObject inner)) return;
            path.add(name);
            inner.text(ANNOTATION).filter(Mirror::isToken).ifPresent(header -> paths.put(header, List.copyOf(path)));
            collect(inner, path, paths);
            path.removeLast();
        });
    }

    private static boolean isToken(String text) {
        return !text.isEmpty()
                && text.length() <= 128
                && text.chars().allMatch(c -> c > ' ' && c < 0x7F && "\"(),/:;<=>?@[\\]{}".indexOf(c) < 0);
    }

    /// A header's value for a text: itself where a header can carry it, else its UTF-8 bytes in Base64.
    public static String encode(String text) {
        boolean plain = text.chars().allMatch(c -> c >= ' ' && c < 0x7F)
                && text.equals(text.strip())
                && !(text.startsWith(ENCODED) && text.endsWith(ENCODED_END));
        return plain ? text : ENCODED + Base64.getEncoder().encodeToString(text.getBytes(UTF_8)) + ENCODED_END;
    }

    /// The text that a header's value stands for.
    ///
    /// @return empty where it is no well-formed value
    public static Optional<String> decode(String header) {
        if (!header.chars().allMatch(c -> c == '\t' || c >= ' ' && c < 0x7F)) return Optional.empty();
        if (!header.startsWith(ENCODED) || !header.endsWith(ENCODED_END)) return Optional.of(header);
        if (header.length() < ENCODED.length() + ENCODED_END.length()) return Optional.empty();
        String inside = header.substring(ENCODED.length(), header.length() - ENCODED_END.length());
        try {
            byte[] bytes = Base64.getDecoder().decode(inside);
            // One spelling of each value alone: Java reads some without their padding.
            if (!Base64.getEncoder().encodeToString(bytes).equals(inside)) return Optional.empty();
            return Optional.of(UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
        } catch (IllegalArgumentException | CharacterCodingException malformed) {
            return Optional.empty();
        }
    }
}
