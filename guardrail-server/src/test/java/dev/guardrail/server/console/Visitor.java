package dev.guardrail.server.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.server.wiring.Served;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Somebody whose browser is this: it keeps a cookie, and sends forms as browsers do.
final class Visitor {
    private static final Pattern TOKEN = Pattern.compile("name=\"csrf\" value=\"([A-Za-z0-9_-]+)\"");

    private static final Pattern HIDDEN =
            Pattern.compile("<input type=\"hidden\" name=\"([a-z]+)\" value=\"([^\"]*)\"");

    private final Served served;
    private String cookie = "";

    Visitor(Served served) {
        this.served = served;
    }

    Visitor signIn(String key) {
        assertEquals(303, post("/console/sign-in", Map.of("key", key)).status());
        return this;
    }

    /// With the cookie of another one, as somebody has it who copied it.
    Visitor with(Visitor other) {
        cookie = other.cookie;
        return this;
    }

    Served.Answer get(String path) {
        return get(path, Map.of());
    }

    Served.Answer get(String path, Map<String, String> headers) {
        var all = new HashMap<>(headers);
        if (!cookie.isEmpty()) all.put("Cookie", cookie);
        all.putIfAbsent("Accept", "text/html");
        return served.send("", "GET", path, "", all);
    }

    /// @param fields each a text, or a list of texts where it stands several times
    Served.Answer post(String path, Map<String, ?> fields) {
        return post(path, fields, Map.of("Sec-Fetch-Site", "same-origin"));
    }

    Served.Answer post(String path, Map<String, ?> fields, Map<String, String> headers) {
        String body = fields.entrySet().stream()
                .flatMap(field -> (field.getValue() instanceof List<?> several ? several : List.of(field.getValue()))
                        .stream().map(value -> encoded(field.getKey()) + "=" + encoded(value.toString())))
                .collect(Collectors.joining("&"));
        var all = new HashMap<>(headers);
        if (!cookie.isEmpty()) all.put("Cookie", cookie);
        all.put("Content-Type", "application/x-www-form-urlencoded");
        var answer = served.send("", "POST", path, body, all);
        String set = answer.headers().get("set-cookie");
        if (set != null && set.startsWith("guardrail_visit_")) cookie = set.substring(0, set.indexOf(';'));
        return answer;
    }

    /// The fields that every form of the visit has.
    Map<String, String> form() {
        var token = TOKEN.matcher(get("/console/approvals").text());
        assertTrue(token.find(), "a page has a form");
        return new LinkedHashMap<>(Map.of("csrf", token.group(1)));
    }

    /// The hidden fields of the form on a page that leads to an address.
    Map<String, String> form(String page, String action) {
        String text = get(page).text();
        int at = text.indexOf("action=\"" + action + "\"");
        assertTrue(at >= 0, "no form leads to " + action + " on " + page);
        String form = text.substring(at, text.indexOf("</form>", at));
        var fields = new LinkedHashMap<String, String>();
        var hidden = HIDDEN.matcher(form);
        while (hidden.find())
            fields.put(hidden.group(1), hidden.group(2).replace("&#34;", "\"").replace("&amp;", "&"));
        return fields;
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
