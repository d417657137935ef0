package dev.guardrail.server.notify;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.Ticker;
import dev.guardrail.call.Risk;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// All channels that people are told through, by name. Sending never waits and never fails: what one channel does not
/// take goes to another, each at most once, and what none takes is logged and counted. Nothing here decides about a
/// call:
/// an approval that nobody hears of expires, and is denied.
public final class Channels implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Channels.class);

    /// Channel of a metric where a notice reached none.
    private static final String NONE = "(none)";

    private final Map<String, Way> ways = new LinkedHashMap<>();
    private final Settings settings;
    private final InstantSource clock;
    private final Ticker ticker;
    private final MeterRegistry meters;
    private volatile boolean closed;

    /// One channel as configured.
    ///
    /// @param fallback channel that gets what this one does not deliver; any other where empty
    /// @param timeout of a connection, and of an answer after that
    public record Route(Channel channel, Optional<String> fallback, Duration timeout) {}

    /// @param routes by name: a few, of the operator's choosing, for they label metrics
    public Channels(
            Map<String, Route> routes,
            Settings settings,
            InstantSource clock,
            Ticker ticker,
            RandomGenerator random,
            MeterRegistry meters) {
        this.settings = settings;
        this.clock = clock;
        this.ticker = ticker;
        this.meters = meters;
        routes.forEach((name, route) -> ways.put(name, new Way(name, route, random)));
        ways.values().forEach(way -> way.courier.start());
    }

    /// Names of the channels, in their order.
    public Set<String> names() {
        return Collections.unmodifiableSet(ways.keySet());
    }

    /// Gives a notice to these channels; returns at once. One that does not exist counts as one that failed.
    public void send(Collection<String> names, Notice notice) {
        var first = new LinkedHashSet<>(names);
        var journey = new Journey(notice, first);
        for (String name : first) give(name, journey);
    }

    /// How each channel has done.
    public Map<String, ChannelHealth> healths() {
        return ways.values().stream()
                .collect(Collectors.toMap(way -> way.name, Way::health, (one, other) -> one, LinkedHashMap::new));
    }

    /// Names of the channels whose last notice was not delivered.
    public List<String> failing() {
        return ways.values().stream()
                .filter(way -> way.health().failing())
                .map(way -> way.name)
                .toList();
    }

    private void give(String name, Journey journey) {
        Way way = ways.get(name);
        if (way == null) {
            LOG.warn("there is no channel `{}`", LastLook.line(name, 64));
            onward(journey, Optional.empty());
            return;
        }
        switch (way.courier.take(journey)) {
            case QUEUED -> {}
            case DUPLICATE -> count(name, "duplicate");
            case FULL -> way.failed(journey, "overflow", "too many notices wait for it");
            case CLOSED -> count(name, "dropped");
        }
    }

    private void onward(Journey journey, Optional<String> fallback) {
        Stream<String> healthy =
                ways.values().stream().filter(way -> !way.health().failing()).map(way -> way.name);
        Stream<String> inTurn = Stream.of(fallback.stream(), healthy, ways.keySet().stream())
                .flatMap(each -> each)
                .filter(ways::containsKey);
        Optional<String> next = journey.next(inTurn);
        if (next.isPresent()) {
            give(next.get(), journey);
            return;
        }
        LOG.error(
                "channel.failed: no channel is left for notice {} of {}",
                journey.notice().id(),
                word(journey));
        count(NONE, "lost");
    }

    private static String word(Journey journey) {
        return journey.notice().type().word();
    }

    private void count(String channel, String outcome) {
        count(channel, outcome, 1);
    }

    private void count(String channel, String outcome, int many) {
        Counter.builder("guardrail.notifications")
                .description("Notices that a channel was given, by what came of them")
                .tag("channel", channel)
                .tag("outcome", outcome)
                .register(meters)
                .increment(many);
    }

    /// One channel with all that belongs to it.
    private final class Way implements Courier.Settled {
        /// Time in which a channel that comes and goes is told of once.
        private static final Duration CALM = Duration.ofMinutes(10);

        private final String name;
        private final Optional<String> fallback;
        private final Courier courier;
        private ChannelHealth health = ChannelHealth.UNTRIED;
        private boolean told;
        private long toldAt;

        Way(String name, Route route, RandomGenerator random) {
            this.name = name;
            this.fallback = route.fallback();
            this.courier = new Courier(name, route.channel(), route.timeout(), settings, ticker, random, this);
        }

        synchronized ChannelHealth health() {
            return health;
        }

        @Override
        public void delivered(Journey journey) {
            count(name, "delivered");
            boolean again;
            synchronized (this) {
                again = health.failing();
                health = health.delivered(clock.instant());
            }
            if (again) LOG.info("channel `{}` delivers again", name);
        }

        @Override
        public void failed(Journey journey, String why) {
            failed(journey, "failed", why);
        }

        /// People are told of the channel before the notice goes on, once in a while. At the guard's end there is
        /// nobody left to hand it to.
        private void failed(Journey journey, String outcome, String why) {
            if (closed) {
                count(name, "dropped");
                return;
            }
            count(name, outcome);
            boolean alert = fail(why);
            if (alert) LOG.error("channel.failed: channel `{}` does not deliver: {}", name, why);
            else
                LOG.warn(
                        "channel `{}` did not deliver notice {}: {}",
                        name,
                        journey.notice().id(),
                        why);
            if (alert && ways.size() > 1) onward(new Journey(alert(why), List.of(name)), fallback);
            onward(journey, fallback);
        }

        private synchronized boolean fail(String why) {
            boolean begins = !health.failing();
            health = health.failed(clock.instant(), why);
            if (!begins || told && ticker.nanos() - toldAt < CALM.toNanos()) return false;
            told = true;
            toldAt = ticker.nanos();
            return true;
        }

        private Notice alert(String why) {
            return new Notice(
                    "channel-" + name + '-' + clock.instant().toEpochMilli(),
                    Notice.Type.CHANNEL_FAILED,
                    clock.instant(),
                    name,
                    Risk.HIGH,
                    "Channel " + name + " does not deliver",
                    "Channel " + name + " does not deliver: " + why + ".\nIts notices go to other channels.",
                    JsonObject.with("channel", name).with("why", why).build(),
                    Optional.empty());
        }
    }

    /// Delivers what waits, for a moment; what is left then is counted and lost.
    @Override
    public void close() {
        closed = true;
        ways.values().forEach(way -> way.courier.shut());
        long deadline = ticker.nanos() + settings.farewell().toNanos();
        for (Way way : ways.values()) {
            int left = way.courier.end(deadline, ticker);
            if (left == 0) continue;
            count(way.name, "dropped", left);
            LOG.warn("channel `{}` was not told {} notices before the guard stopped", way.name, left);
        }
    }
}
