package dev.guardrail.server.wiring;

import dev.guardrail.pack.Fields;
import dev.guardrail.pack.Findings;
import dev.guardrail.pack.Yaml;
import dev.guardrail.server.identity.Origin;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// Reads `identity`.
record OAuthReader(Findings findings) {
    private static final List<String> KEYS = List.of("issuer", "audience", "resource", "keyOrigins");

    Optional<Configuration.OAuth> read(Fields top) {
        return top.value("identity")
                .flatMap(value -> Fields.of(value, "`identity`", List.of("oauth"), findings))
                .flatMap(fields -> fields.required("oauth"))
                .flatMap(value -> Fields.of(value, "`oauth`", KEYS, findings))
                .flatMap(this::oauth);
    }

    private Optional<Configuration.OAuth> oauth(Fields fields) {
        Optional<String> issuer = fields.requiredText("issuer").filter(text -> isIssuer(fields, text));
        Optional<String> audience = fields.requiredText("audience").filter(text -> isName(fields, text));
        Optional<String> base = base(fields, audience);
        Set<Origin> keyOrigins = keyOrigins(fields);
        if (issuer.isEmpty() || audience.isEmpty() || base.isEmpty()) return Optional.empty();
        return Optional.of(new Configuration.OAuth(issuer.get(), audience.get(), base.get(), keyOrigins));
    }

    private boolean isIssuer(Fields fields, String text) {
        boolean fits = Origin.url(text).filter(url -> url.getRawQuery() == null).isPresent();
        if (!fits)
            findings.error(
                    place(fields, "issuer"),
                    "wrong-url",
                    "`issuer` is an https URL without user, query and fragment, as the server's metadata names it;"
                            + " http is taken on this machine alone");
        return fits;
    }

    private boolean isName(Fields fields, String text) {
        boolean plain = text.chars().allMatch(c -> c > ' ' && c < 0x7F && c != '"' && c != '\\');
        if (!plain)
            findings.error(
                    place(fields, "audience"),
                    "unknown-value",
                    "`audience` is what tokens say in `aud`: visible ASCII without quotes and backslashes");
        return plain;
    }

    /// Where clients reach the guard: as configured, or the audience where that is such a URL.
    private Optional<String> base(Fields fields, Optional<String> audience) {
        Optional<String> named = fields.has("resource") ? fields.text("resource") : audience;
        Optional<URI> url = named.flatMap(Origin::url)
                .filter(found -> found.getRawQuery() == null)
                .filter(found -> Set.of("", "/").contains(String.valueOf(found.getRawPath())));
        if (named.isPresent() && url.isEmpty())
            findings.error(
                    fields.has("resource") ? place(fields, "resource") : fields.key("audience"),
                    "wrong-url",
                    "`resource` is the URL that clients reach this guard by, without a path, as in"
                            + " https://guardrail.example; it may be left out where `audience` is that URL");
        return url.map(found -> Origin.of(found).toString());
    }

    private Set<Origin> keyOrigins(Fields fields) {
        var origins = new TreeSet<String>();
        for (Yaml.Scalar scalar : fields.scalars("keyOrigins")) {
            boolean fits = Origin.url(scalar.value())
                    .filter(url -> Origin.of(url).toString().equals(scalar.value()))
                    .isPresent();
            if (fits) origins.add(scalar.value());
            else
                findings.error(
                        scalar.place(),
                        "wrong-origin",
                        "`keyOrigins` holds origins that the issuer's keys may lie on, as in https://keys.example");
        }
        return origins.stream().map(URI::create).map(Origin::of).collect(Collectors.toUnmodifiableSet());
    }

    private static dev.guardrail.pack.Place place(Fields fields, String key) {
        return fields.value(key).map(Yaml::place).orElse(fields.place());
    }
}
