package dev.guardrail.server.wiring;

import dev.guardrail.call.ToolName;
import dev.guardrail.pack.Fields;
import dev.guardrail.pack.Findings;
import dev.guardrail.pack.Place;
import dev.guardrail.pack.Yaml;
import dev.guardrail.server.identity.Origin;
import dev.guardrail.server.notify.SmtpChannel;
import dev.guardrail.server.notify.SmtpChannel.Security;
import dev.guardrail.server.notify.WebhookChannel;
import dev.guardrail.server.wiring.Configuration.Channel;
import dev.guardrail.server.wiring.Configuration.Medium;
import dev.guardrail.server.wiring.Configuration.Secret;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// Reads `approvals.notify`: the channels that people are told through, by name.
record ChannelReader(ConfigurationReader.Places places, Findings findings, Secrets secrets) {
    private static final List<String> COMMON = List.of("fallback", "timeout");
    private static final List<String> ALL = Stream.concat(
                    Arrays.stream(Form.values()).flatMap(form -> form.keys.stream()), COMMON.stream())
            .toList();

    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final Duration LONGEST_TIMEOUT = Duration.ofMinutes(1);
    private static final String TOPIC = "[-_A-Za-z0-9]{1,64}";
    private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "::1", "[::1]");
    private static final int MOST_PORT = 65_535;
    private static final int SMTP_PORT = 587;
    private static final int SMTPS_PORT = 465;

    /// The kinds of channels, each known by its first key.
    private enum Form {
        WEBHOOK("webhook", "secret"),
        NTFY("ntfy", "topic", "token"),
        SLACK("slack"),
        SMTP("smtp", "from", "to", "user", "password", "startTls");

        @SuppressWarnings("ImmutableEnumChecker") // a copied list cannot be changed
        private final List<String> keys;

        Form(String... keys) {
            this.keys = List.of(keys);
        }
    }

    Map<String, Channel> read(Fields approvals) {
        var channels = new LinkedHashMap<String, Channel>();
        Optional<Yaml> value = approvals.value("notify");
        if (value.isEmpty()) return channels;
        if (!(value.get() instanceof Yaml.Mapping mapping)) {
            findings.error(value.get().place(), "wrong-type", "`notify` is a mapping of names to channels");
            return channels;
        }
        mapping.entries().forEach((name, entry) -> {
            if (!ToolName.isServer(name))
                findings.error(
                        entry.key(), "wrong-name", "a channel's name has 1 to 64 of a to z, 0 to 9, `-` and `_`");
            else channel(name, entry.value(), mapping.entries().keySet()).ifPresent(read -> channels.put(name, read));
        });
        return channels;
    }

    private Optional<Channel> channel(String name, Yaml yaml, Set<String> names) {
        Optional<Fields> found = Fields.of(yaml, "channel `" + name + "`", ALL, findings);
        if (found.isEmpty()) return Optional.empty();
        Fields fields = found.get();
        List<Form> forms = Arrays.stream(Form.values())
                .filter(form -> fields.has(form.keys.getFirst()))
                .toList();
        if (forms.size() != 1) {
            findings.error(
                    fields.place(),
                    "missing-key",
                    "channel `" + name + "` needs exactly one of `webhook`, `ntfy`, `slack` and `smtp`");
            return Optional.empty();
        }
        Form form = forms.getFirst();
        only(fields, name, form);
        Optional<String> fallback = fields.text("fallback").filter(other -> isOther(fields, name, other, names));
        Duration timeout = fields.duration("timeout", LONGEST_TIMEOUT).orElse(TIMEOUT);
        return medium(fields, form).map(medium -> new Channel(medium, fallback, timeout));
    }

    /// Keys that another form has are no use here, and somebody expects them to be.
    private void only(Fields fields, String name, Form form) {
        ALL.stream()
                .filter(fields::has)
                .filter(key -> !COMMON.contains(key) && !form.keys.contains(key))
                .forEach(key -> findings.error(
                        fields.key(key), "unknown-key", "`" + key + "` says nothing of channel `" + name + "`"));
    }

    private boolean isOther(Fields fields, String name, String other, Set<String> names) {
        boolean fits = names.contains(other) && !other.equals(name);
        if (!fits)
            findings.error(
                    place(fields, "fallback"),
                    "unknown-value",
                    "`fallback` names another channel of `notify`, and `" + other + "` is none");
        return fits;
    }

    private Optional<Medium> medium(Fields fields, Form form) {
        return switch (form) {
            case WEBHOOK -> webhook(fields);
            case NTFY -> ntfy(fields);
            case SLACK -> slack(fields);
            case SMTP -> smtp(fields);
        };
    }

    private Optional<Medium> webhook(Fields fields) {
        Optional<URI> url = url(fields, "webhook");
        Optional<Secret> secret = credential().required(fields, "secret").filter(found -> isSigning(fields, found));
        if (url.isEmpty() || secret.isEmpty()) return Optional.empty();
        return Optional.of(new Medium.Webhook(url.get(), secret.get()));
    }

    /// Long enough, and in base64 where it claims to be.
    private boolean isSigning(Fields fields, Secret secret) {
        if (!(secrets.find(secret) instanceof Secrets.Found.Value(String value))) return true;
        boolean fits =
                value.length() >= Secrets.MIN_KEY && WebhookChannel.key(value).isPresent();
        if (!fits)
            findings.error(
                    place(fields, "secret"),
                    "short-key",
                    "a signing secret has at least " + Secrets.MIN_KEY + " characters, and what follows `whsec_` is"
                            + " base64; make one with: ./guardrail keys");
        return fits;
    }

    private Optional<Medium> ntfy(Fields fields) {
        Optional<URI> url = url(fields, "ntfy").filter(found -> isRoot(fields, found));
        Optional<String> topic = fields.requiredText("topic").filter(text -> isTopic(fields, text));
        Optional<Secret> token = fields.has("token") ? credential().required(fields, "token") : Optional.empty();
        if (url.isEmpty() || topic.isEmpty()) return Optional.empty();
        return Optional.of(new Medium.Ntfy(url.get(), topic.get(), token));
    }

    private boolean isRoot(Fields fields, URI url) {
        boolean fits = Set.of("", "/").contains(String.valueOf(url.getRawPath())) && url.getRawQuery() == null;
        if (!fits)
            findings.error(
                    place(fields, "ntfy"),
                    "unknown-value",
                    "`ntfy` is the server's own URL without a path, as in https://ntfy.example; the topic goes into"
                            + " `topic`");
        return fits;
    }

    private boolean isTopic(Fields fields, String text) {
        boolean fits = text.matches(TOPIC);
        if (!fits)
            findings.error(place(fields, "topic"), "unknown-value", "`topic` has 1 to 64 letters, digits, `-` and `_`");
        return fits;
    }

    /// The address is itself the secret.
    private Optional<Medium> slack(Fields fields) {
        Optional<Secret> url = credential().required(fields, "slack").filter(found -> {
            boolean fits = !(secrets.find(found) instanceof Secrets.Found.Value(String text))
                    || Origin.url(text).isPresent();
            if (!fits)
                findings.error(
                        place(fields, "slack"),
                        "unknown-value",
                        "`slack` is where the https URL of an incoming webhook lies, and something else lies there");
            return fits;
        });
        return url.map(Medium.Slack::new);
    }

    private Optional<Medium> smtp(Fields fields) {
        Optional<SmtpChannel.Server> server = fields.requiredText("smtp").flatMap(text -> server(fields, text));
        Optional<String> from = fields.requiredText("from").filter(text -> isAddress(place(fields, "from"), text));
        if (!fields.has("to")) fields.required("to");
        List<String> to = fields.scalars("to").stream()
                .filter(scalar -> isAddress(scalar.place(), scalar.value()))
                .map(Yaml.Scalar::value)
                .toList();
        Optional<Medium.Login> login = login(fields, server);
        if (server.isEmpty() || from.isEmpty() || to.isEmpty()) return Optional.empty();
        return Optional.of(new Medium.Smtp(server.get(), from.get(), to, login));
    }

    private Optional<SmtpChannel.Server> server(Fields fields, String text) {
        try {
            var url = new URI(text);
            boolean plain = "smtp".equals(url.getScheme());
            boolean fits = (plain || "smtps".equals(url.getScheme()))
                    && url.getHost() != null
                    && url.getPort() != 0
                    && url.getPort() <= MOST_PORT
                    && url.getRawUserInfo() == null
                    && url.getRawQuery() == null
                    && url.getRawFragment() == null
                    && String.valueOf(url.getRawPath()).isEmpty();
            if (fits)
                return Optional.of(new SmtpChannel.Server(
                        url.getHost(),
                        url.getPort() >= 0 ? url.getPort() : plain ? SMTP_PORT : SMTPS_PORT,
                        security(fields, plain, url.getHost())));
        } catch (URISyntaxException malformed) {
            // Told below, as any other text that is none.
        }
        findings.error(
                place(fields, "smtp"),
                "unknown-value",
                "`smtp` is smtp:// or smtps:// with a host and, where it is another, a port; user and password go into"
                        + " `user` and `password`");
        return Optional.empty();
    }

    private Security security(Fields fields, boolean plain, String host) {
        if (!plain) {
            if (fields.has("startTls"))
                findings.error(
                        fields.key("startTls"), "unknown-key", "`startTls` says nothing of smtps://, which is TLS");
            return Security.TLS;
        }
        boolean never = fields.word("startTls", List.of("required", "never"))
                .map("never"::equals)
                .orElse(LOOPBACK.contains(host));
        return never ? Security.NONE : Security.STARTTLS;
    }

    private boolean isAddress(Place place, String text) {
        boolean fits = SmtpChannel.isAddress(text);
        if (!fits) findings.error(place, "unknown-value", "this is not one mail address, as in ann@ops.example");
        return fits;
    }

    private Optional<Medium.Login> login(Fields fields, Optional<SmtpChannel.Server> server) {
        if (!fields.has("user") && !fields.has("password")) return Optional.empty();
        Optional<String> user = fields.requiredText("user");
        Optional<Secret> password = credential().required(fields, "password");
        boolean clear = server.filter(found -> found.security() == Security.NONE && !LOOPBACK.contains(found.host()))
                .isPresent();
        if (clear)
            findings.error(
                    fields.key("password"),
                    "needs-tls",
                    "a password is not sent to another machine in the clear; leave `startTls: never` away");
        return user.flatMap(name -> password.map(secret -> new Medium.Login(name, secret)));
    }

    private Optional<URI> url(Fields fields, String key) {
        return fields.requiredText(key).flatMap(text -> {
            Optional<URI> url = Origin.url(text);
            if (url.isEmpty())
                findings.error(
                        place(fields, key),
                        "unknown-value",
                        "`" + key + "` is an https URL without user and fragment; http is taken on this machine alone");
            return url;
        });
    }

    private CredentialReader credential() {
        return new CredentialReader(places, findings, secrets);
    }

    private static Place place(Fields fields, String key) {
        return fields.value(key).map(Yaml::place).orElse(fields.place());
    }
}
