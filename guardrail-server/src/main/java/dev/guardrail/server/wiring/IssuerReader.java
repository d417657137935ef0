package dev.guardrail.server.wiring;

import dev.guardrail.pack.Fields;
import dev.guardrail.pack.Findings;
import dev.guardrail.pack.Place;
import dev.guardrail.pack.Yaml;
import dev.guardrail.server.identity.Origin;
import java.net.URI;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// Reads where an issuer is, and where its documents may lie.
record IssuerReader(Findings findings) {

    Optional<String> issuer(Fields fields) {
        Optional<String> named = fields.requiredText("issuer");
        Optional<String> issuer = named.filter(text ->
                Origin.url(text).filter(url -> url.getRawQuery() == null).isPresent());
        if (named.isPresent() && issuer.isEmpty())
            findings.error(
                    place(fields, "issuer"),
                    "wrong-url",
                    "`issuer` is an https URL without user, query and fragment, as the server's metadata names it;"
                            + " http is taken on this machine alone");
        return issuer;
    }

    /// @param what may lie on them, beside the issuer's own
    Set<Origin> origins(Fields fields, String key, String what) {
        var origins = new TreeSet<String>();
        for (Yaml.Scalar scalar : fields.scalars(key)) {
            boolean fits = Origin.url(scalar.value())
                    .filter(url -> Origin.of(url).toString().equals(scalar.value()))
                    .isPresent();
            if (fits) origins.add(scalar.value());
            else
                findings.error(
                        scalar.place(),
                        "wrong-origin",
                        "`" + key + "` holds origins that " + what + " may lie on, as in https://keys.example");
        }
        return origins.stream().map(URI::create).map(Origin::of).collect(Collectors.toUnmodifiableSet());
    }

    /// Scheme and authority of a URL without a path; empty where it is none.
    static Optional<String> base(String text) {
        return Origin.url(text)
                .filter(url -> url.getRawQuery() == null)
                .filter(url -> Set.of("", "/").contains(String.valueOf(url.getRawPath())))
                .map(url -> Origin.of(url).toString());
    }

    static Place place(Fields fields, String key) {
        return fields.value(key).map(Yaml::place).orElse(fields.place());
    }
}
