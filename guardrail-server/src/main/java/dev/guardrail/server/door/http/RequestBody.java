package dev.guardrail.server.door.http;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonBoolean;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import dev.guardrail.base.MalformedJson;
import dev.guardrail.base.Sha256;
import dev.guardrail.base.StrictJson;
import dev.guardrail.server.problem.HttpRefusal;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.MediaType;
import java.util.List;
import java.util.Optional;

/// The members of a request's JSON object, read strictly: one parse, and no member that is not known here.
record RequestBody(JsonObject json) {

    /// @param known every member that there may be
    /// @throws MalformedJson where the bytes are not such an object
    /// @throws HttpRefusal where they do not claim to be JSON
    static RequestBody read(HttpRequest<byte[]> request, StrictJson.Limits limits, String... known) {
        boolean isJson = request.getContentType()
                .filter(type -> type.getName().equalsIgnoreCase(MediaType.APPLICATION_JSON))
                .isPresent();
        byte[] sent = request.getBody().orElseGet(() -> new byte[0]);
        boolean nothing = sent.length == 0 && request.getContentType().isEmpty();
        if (!isJson && !nothing) throw new HttpRefusal(415, "a body is sent as application/json");
        Json json = sent.length == 0 ? JsonObject.EMPTY : StrictJson.parse(sent, limits);
        if (!(json instanceof JsonObject object)) throw new MalformedJson("the body is one JSON object");
        var names = List.of(known);
        for (String name : object.members().keySet())
            if (!names.contains(name))
                throw new MalformedJson("the body has an unknown member `" + shortened(name) + "`; known are: "
                        + String.join(", ", names));
        return new RequestBody(object);
    }

    private static String shortened(String name) {
        return name.length() <= 60 ? name : name.substring(0, 60) + "…";
    }

    Optional<String> text(String name) {
        Optional<Json> member = json.get(name);
        if (member.isEmpty()) return Optional.empty();
        if (member.get() instanceof JsonText(String value)) return Optional.of(value);
        throw new MalformedJson("`" + name + "` is a text");
    }

    String requiredText(String name) {
        return text(name).filter(value -> !value.isBlank()).orElseThrow(() -> missing(name));
    }

    Sha256 requiredDigest(String name) {
        String text = requiredText(name);
        try {
            return Sha256.parse(text);
        } catch (IllegalArgumentException malformed) {
            throw new MalformedJson("`" + name + "` is `sha256:` and 64 lower-case hex digits");
        }
    }

    /// A whole number from 1 on.
    int count(String name, int most) {
        long count = json.integer(name).orElse(0);
        if (count < 1 || count > most) throw new MalformedJson("`" + name + "` is a whole number from 1 to " + most);
        return Math.toIntExact(count);
    }

    boolean requiredBool(String name) {
        if (json.get(name).orElseThrow(() -> missing(name)) instanceof JsonBoolean value) return value.value();
        throw new MalformedJson("`" + name + "` is true or false");
    }

    /// An object; empty where it is absent.
    JsonObject object(String name) {
        Optional<Json> member = json.get(name);
        if (member.isEmpty()) return JsonObject.EMPTY;
        if (member.get() instanceof JsonObject object) return object;
        throw new MalformedJson("`" + name + "` is an object");
    }

    private static MalformedJson missing(String name) {
        return new MalformedJson("the body needs `" + name + "`");
    }
}
