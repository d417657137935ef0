package dev.guardrail.server.wiring;

import dev.guardrail.server.notify.Channel;
import dev.guardrail.server.notify.Channels;
import dev.guardrail.server.notify.NtfyChannel;
import dev.guardrail.server.notify.Settings;
import dev.guardrail.server.notify.SlackChannel;
import dev.guardrail.server.notify.SmtpChannel;
import dev.guardrail.server.notify.WebhookChannel;
import dev.guardrail.server.wiring.Configuration.Medium;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/// Makes the channels that are configured. Their secrets are read at each attempt, so that a file's new content counts.
record ChannelRoom(Secrets secrets, Clocks clocks, String source) {
    private static final Set<String> LOOPBACK = Set.of("127.0.0.1", "localhost");

    /// @param source what events name this guard by: the origin of its log
    static Channels open(
            Configuration configuration, Secrets secrets, Clocks clocks, String source, MeterRegistry meters) {
        var room = new ChannelRoom(secrets, clocks, source);
        var routes = new LinkedHashMap<String, Channels.Route>();
        configuration
                .channels()
                .forEach((name, channel) -> routes.put(
                        name,
                        new Channels.Route(
                                room.channel(channel.medium(), channel.timeout()),
                                channel.fallback(),
                                channel.timeout())));
        return new Channels(routes, Settings.DEFAULT, clocks.wall(), clocks.ticker(), clocks.random(), meters);
    }

    /// Where people reach the console, as far as the configuration says it: the address that tokens are for, the one
    /// origin that is named, or this machine's own.
    static Optional<String> console(Configuration configuration) {
        if (configuration.signIn().isPresent()) return configuration.signIn().map(Configuration.SignIn::base);
        if (configuration.oauth().isPresent()) return configuration.oauth().map(Configuration.OAuth::base);
        if (configuration.origins().size() == 1)
            return configuration.origins().stream().findFirst();
        var listen = configuration.listen();
        boolean here = listen.socket().isEmpty() && listen.port() != 0 && LOOPBACK.contains(listen.host());
        return here && configuration.origins().isEmpty()
                ? Optional.of((listen.tls().isPresent() ? "https://" : "http://") + listen.host() + ":" + listen.port())
                : Optional.empty();
    }

    private Channel channel(Medium medium, Duration timeout) {
        return switch (medium) {
            case Medium.Webhook(var url, var secret) ->
                new WebhookChannel(url, value(secret), source, timeout, clocks.wall());
            case Medium.Ntfy(var server, var topic, var token) ->
                new NtfyChannel(server, topic, token.map(this::value), timeout);
            case Medium.Slack(var url) -> new SlackChannel(value(url), timeout);
            case Medium.Smtp(var server, var from, var to, var login) ->
                new SmtpChannel(
                        server,
                        login.map(known -> new SmtpChannel.Login(known.user(), value(known.password()))),
                        from,
                        to,
                        timeout);
        };
    }

    private Supplier<String> value(Configuration.Secret secret) {
        return () -> secrets.read(secret);
    }
}
