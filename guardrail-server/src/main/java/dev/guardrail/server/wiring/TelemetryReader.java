package dev.guardrail.server.wiring;

import dev.guardrail.pack.Fields;
import dev.guardrail.pack.Findings;
import dev.guardrail.pack.Yaml;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Reads `telemetry`.
record TelemetryReader(Findings findings) {
    private static final String TRACES = "/v1/traces";

    /// @return where spans are sent: below the collector's URL, where OTLP over HTTP takes them
    Optional<URI> read(Fields top) {
        Optional<Fields> fields =
                top.value("telemetry").flatMap(value -> Fields.of(value, "`telemetry`", List.of("otlp"), findings));
        Optional<String> text = fields.flatMap(found -> found.requiredText("otlp"));
        Optional<URI> url = text.flatMap(TelemetryReader::url);
        if (text.isPresent() && url.isEmpty())
            findings.error(
                    fields.flatMap(found -> found.value("otlp"))
                            .map(Yaml::place)
                            .orElse(top.place()),
                    "wrong-url",
                    "`otlp` is the http or https URL of a collector without user, query and fragment, as in"
                            + " http://localhost:4318; spans go to `/v1/traces` below it");
        return url;
    }

    private static Optional<URI> url(String text) {
        try {
            var url = new URI(text.endsWith("/") ? text.substring(0, text.length() - 1) : text);
            boolean fits = Set.of("http", "https").contains(String.valueOf(url.getScheme()))
                    && url.getHost() != null
                    && url.getUserInfo() == null
                    && url.getRawQuery() == null
                    && url.getRawFragment() == null;
            if (!fits) return Optional.empty();
            return Optional.of(url.toString().endsWith(TRACES) ? url : URI.create(url + TRACES));
        } catch (java.net.URISyntaxException malformed) {
            return Optional.empty();
        }
    }
}
