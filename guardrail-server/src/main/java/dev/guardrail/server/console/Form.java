package dev.guardrail.server.console;

import dev.guardrail.base.GuardrailException;
import dev.guardrail.base.MalformedJson;
import dev.guardrail.base.ProblemType;
import dev.guardrail.server.problem.HttpRefusal;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.MediaType;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What a form of the console sent. There is no other way to read one, and none is read that lacks its visit's token.
public final class Form {
    /// Field with the token.
    public static final String TOKEN = "csrf";

    private static final int MOST_FIELDS = 200;

    private final Map<String, List<String>> fields;

    private Form(Map<String, List<String>> fields) {
        this.fields = fields;
    }

    /// A form that no page of this visit sent.
    static final class Forged extends GuardrailException {
        private static final long serialVersionUID = 1L;

        Forged() {
            super(
                    ProblemType.FORBIDDEN_ROUTE,
                    "this form is not from a page of your visit; go back, load the page again and send it from there");
        }
    }

    /// Reads a form of somebody who is signed in.
    ///
    /// @throws Forged where it lacks the visit's token
    /// @throws HttpRefusal where it is no form
    public static Form of(HttpRequest<byte[]> request) {
        Form form = read(request);
        if (!Visit.of(request).isToken(form.text(TOKEN).orElse(""))) throw new Forged();
        return form;
    }

    /// Reads a form of somebody who is not signed in, and has no token yet.
    static Form unsigned(HttpRequest<byte[]> request) {
        return read(request);
    }

    private static Form read(HttpRequest<byte[]> request) {
        boolean isForm = request.getContentType()
                .filter(type -> type.getName().equalsIgnoreCase(MediaType.APPLICATION_FORM_URLENCODED))
                .isPresent();
        if (!isForm) throw new HttpRefusal(415, "the console takes forms, as its own pages send them");
        String body = new String(request.getBody().orElseGet(() -> new byte[0]), StandardCharsets.UTF_8);
        var fields = new LinkedHashMap<String, List<String>>();
        int count = 0;
        for (String pair : body.split("&")) {
            if (pair.isEmpty()) continue;
            if (++count > MOST_FIELDS) throw new MalformedJson("the form has too many fields");
            int equals = pair.indexOf('=');
            String name = decoded(equals < 0 ? pair : pair.substring(0, equals));
            String value = equals < 0 ? "" : decoded(pair.substring(equals + 1));
            fields.computeIfAbsent(name, first -> new ArrayList<>()).add(value.replace("\r\n", "\n"));
        }
        return new Form(fields);
    }

    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException malformed) {
            throw new MalformedJson("the form is not encoded as forms are");
        }
    }

    /// A field that is there once and not empty.
    public Optional<String> text(String name) {
        List<String> values = all(name);
        if (values.size() > 1) throw new MalformedJson("`" + name + "` stands in the form more than once");
        return values.stream().filter(value -> !value.isEmpty()).findFirst();
    }

    /// A field with at most so many characters; empty text where it is absent.
    public String text(String name, int most) {
        String text = text(name).orElse("");
        if (text.length() > most) throw new MalformedJson("`" + name + "` has at most " + most + " characters");
        return text;
    }

    public List<String> all(String name) {
        return fields.getOrDefault(name, List.of());
    }
}
