package dev.guardrail.server.wiring;

import dev.guardrail.pack.Fields;
import dev.guardrail.pack.Findings;
import dev.guardrail.pack.Place;
import dev.guardrail.server.identity.Origin;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Reads `identity.oauth`.
record OAuthReader(Findings findings) {
    private static final List<String> KEYS = List.of("issuer", "audience", "resource", "keyOrigins");

    Optional<Configuration.OAuth> read(Fields identity) {
        return identity.value("oauth")
                .flatMap(value -> Fields.of(value, "`oauth`", KEYS, findings))
                .flatMap(this::oauth);
    }

    private Optional<Configuration.OAuth> oauth(Fields fields) {
        Optional<String> issuer = new IssuerReader(findings).issuer(fields);
        Optional<String> audience = fields.requiredText("audience").filter(text -> isName(fields, text));
        Optional<String> base = base(fields, audience);
        Set<Origin> keyOrigins = new IssuerReader(findings).origins(fields, "keyOrigins", "the issuer's keys");
        if (issuer.isEmpty() || audience.isEmpty() || base.isEmpty()) return Optional.empty();
        return Optional.of(new Configuration.OAuth(issuer.get(), audience.get(), base.get(), keyOrigins));
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
        Optional<String> base = named.flatMap(IssuerReader::base);
        if (named.isPresent() && base.isEmpty())
            findings.error(
                    fields.has("resource") ? place(fields, "resource") : fields.key("audience"),
                    "wrong-url",
                    "`resource` is the URL that clients reach this guard by, without a path, as in"
                            + " https://guardrail.example; it may be left out where `audience` is that URL");
        return base;
    }

    private static Place place(Fields fields, String key) {
        return IssuerReader.place(fields, key);
    }
}
