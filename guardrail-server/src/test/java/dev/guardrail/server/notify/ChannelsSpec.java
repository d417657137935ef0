package dev.guardrail.server.notify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import dev.guardrail.server.notify.Channels.Route;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/// How notices find their channels: retried, handed on, sent once, and never in anybody's way.
class ChannelsSpec {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final Settings QUICK = new Settings(
            8, 1, 3, Duration.ofMillis(1), Duration.ofMillis(5), Duration.ofHours(1), Duration.ofSeconds(30));

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final AtomicLong nanos = new AtomicLong();
    private final List<String> logged = new CopyOnWriteArrayList<>();
    private final Logger logger = (Logger) LoggerFactory.getLogger("dev.guardrail.server.notify");
    private final AppenderBase<ILoggingEvent> appender = new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
            logged.add(event.getLevel() + " " + event.getFormattedMessage());
        }
    };

    @BeforeEach
    void listen() {
        appender.start();
        logger.addAppender(appender);
        logger.setLevel(Level.DEBUG);
    }

    @AfterEach
    void deafen() {
        logger.detachAppender(appender);
        logger.setLevel(null);
    }

    private Channels channels(Map<String, Route> routes) {
        return channels(routes, QUICK);
    }

    private Channels channels(Map<String, Route> routes, Settings settings) {
        return new Channels(routes, settings, () -> Notices.AT, nanos::get, new Random(1), meters);
    }

    private static Route route(Channel channel) {
        return new Route(channel, Optional.empty(), TIMEOUT);
    }

    private static Route route(Channel channel, String fallback) {
        return new Route(channel, Optional.of(fallback), TIMEOUT);
    }

    private static Map<String, Route> routes(Object... namesAndRoutes) {
        var routes = new LinkedHashMap<String, Route>();
        for (int i = 0; i < namesAndRoutes.length; i += 2)
            routes.put((String) namesAndRoutes[i], (Route) namesAndRoutes[i + 1]);
        return routes;
    }

    private int counted(String channel, String outcome) {
        var counter = meters.find("guardrail.notifications")
                .tags("channel", channel, "outcome", outcome)
                .counter();
        return counter == null ? 0 : (int) counter.count();
    }

    @Test
    void a_notice_reaches_each_channel_that_is_named_and_no_other() {
        var ops = new Postbox();
        var phones = new Postbox();
        var others = new Postbox();
        try (var channels = channels(routes("ops", route(ops), "phones", route(phones), "others", route(others)))) {
            channels.send(List.of("ops", "phones", "ops"), Notices.notice("n1"));
        }
        assertEquals(List.of("n1"), ops.all(Notice::id));
        assertEquals(List.of("n1"), phones.all(Notice::id));
        assertEquals(List.of(), others.all());
        assertEquals(1, counted("ops", "delivered"));
    }

    @Test
    void the_same_notice_is_sent_once_within_a_day() throws InterruptedException {
        var ops = new Postbox();
        try (var channels = channels(routes("ops", route(ops)))) {
            channels.send(List.of("ops"), Notices.notice("n1"));
            channels.send(List.of("ops"), Notices.notice("n1"));
            channels.send(List.of("ops"), Notices.notice("n2"));
            ops.next();
            ops.next();
            assertEquals(1, counted("ops", "duplicate"));

            nanos.addAndGet(Duration.ofDays(1).toNanos() + 1);
            channels.send(List.of("ops"), Notices.notice("n1"));
            assertEquals("n1", ops.next().id());
        }
        assertEquals(3, counted("ops", "delivered"));
    }

    @Test
    void what_is_remembered_is_bounded() {
        var recent = new Recent(nanos::get);
        IntStream.range(0, 10_001).forEach(i -> assertTrue(recent.add("n" + i)));
        assertFalse(recent.add("n10000"), "the latest is remembered");
        assertTrue(recent.add("n0"), "the oldest made room");
    }

    @Test
    void what_failed_for_now_is_tried_again_and_what_was_refused_is_not() throws InterruptedException {
        var attempts = new AtomicInteger();
        var ops = new Postbox()
                .answering(notice -> attempts.incrementAndGet() < 3
                        ? new Delivery.Troubled("later", Optional.of(Duration.ofHours(1)))
                        : new Delivery.Delivered());
        var strict = Postbox.refusing();
        try (var channels = channels(routes("ops", route(ops), "strict", route(strict)))) {
            channels.send(List.of("ops"), Notices.notice("n1"));
            for (int i = 0; i < 3; i++) ops.next();
            channels.send(List.of("strict"), Notices.notice("n2"));
            awaitCount("strict", "failed", 1);
        }
        assertEquals(1, strict.all().size(), "what was refused is not tried again");
        assertEquals(1, counted("strict", "failed"));
        assertEquals(3, ops.all(Notice::id).stream().filter("n1"::equals).count());
    }

    @Test
    void over_http_the_same_event_comes_again_after_a_503_and_after_no_answer() throws InterruptedException {
        try (var receiver = new Receiver()) {
            receiver.answers(503, Map.of("Retry-After", "3600")).answers(0).answers(204);
            var time = new AtomicLong(1_763_643_710);
            var hook = new WebhookChannel(
                    receiver.url("/hook"),
                    () -> "a-signing-secret-of-some-length",
                    "guardrail/x",
                    Duration.ofMillis(300),
                    () -> java.time.Instant.ofEpochSecond(time.getAndIncrement()));
            try (var channels = channels(routes("hook", new Route(hook, Optional.empty(), Duration.ofMillis(300))))) {
                channels.send(List.of("hook"), Notices.notice("n1"));
                awaitCount("hook", "delivered", 1);
            }
            var taken = receiver.taken();
            assertEquals(3, taken.size());
            assertEquals(1, taken.stream().map(Receiver.Taken::text).distinct().count());
            assertEquals(
                    List.of("n1", "n1", "n1"),
                    taken.stream().map(each -> each.header("webhook-id")).toList());
            assertEquals(
                    3,
                    taken.stream()
                            .map(each -> each.header("webhook-signature"))
                            .distinct()
                            .count(),
                    "each attempt signs its own time");
            assertEquals(0, counted("hook", "failed"));
        }
    }

    @Test
    void an_error_in_a_channel_ends_no_thread() throws InterruptedException {
        var ops = new Postbox().answering(notice -> {
            if (notice.id().equals("n1")) throw new NoClassDefFoundError("mail");
            return new Delivery.Delivered();
        });
        try (var channels = channels(routes("ops", route(ops)))) {
            channels.send(List.of("ops"), Notices.notice("n1"));
            awaitCount("ops", "failed", 1);
            channels.send(List.of("ops"), Notices.notice("n2"));
            awaitCount("ops", "delivered", 1);
        }
    }

    @Test
    void pauses_double_with_jitter_heed_the_receiver_and_have_a_bound() {
        var settings = Settings.DEFAULT;
        assertEquals(500, Insistence.pause(1, Optional.empty(), settings, 0));
        assertEquals(1_000, Insistence.pause(1, Optional.empty(), settings, 0.5));
        assertEquals(4_000, Insistence.pause(3, Optional.empty(), settings, 0.5));
        assertEquals(7_000, Insistence.pause(1, Optional.of(Duration.ofSeconds(7)), settings, 0.5));
        assertEquals(30_000, Insistence.pause(1, Optional.of(Duration.ofDays(7)), settings, 0.5));
        assertEquals(30_000, Insistence.pause(1_000, Optional.empty(), settings, 1));
    }

    @Test
    void a_failing_channel_hands_on_and_people_are_told_of_it_once() throws InterruptedException {
        var ops = Postbox.refusing();
        var spare = new Postbox();
        var other = new Postbox();
        try (var channels =
                channels(routes("ops", route(ops, "spare"), "other", route(other), "spare", route(spare)))) {
            channels.send(List.of("ops"), Notices.notice("n1"));
            assertEquals("channel.failed", spare.next().type().word());
            assertEquals("n1", spare.next().id());
            channels.send(List.of("ops"), Notices.notice("n2"));
            assertEquals("n2", spare.next().id());
            assertEquals(List.of("ops"), channels.failing());
            assertEquals(
                    Optional.of("it is broken"), channels.healths().get("ops").why());
            assertFalse(channels.healths().get("spare").failing());

            ops.answering(notice -> new Delivery.Delivered());
            channels.send(List.of("ops"), Notices.notice("n3"));
        }
        assertEquals(List.of("n1", "n2", "n3"), ops.all(Notice::id));
        assertEquals(3, spare.all().size());
        assertEquals(List.of(), other.all(), "the configured fallback took all");
        assertEquals(2, counted("ops", "failed"));
        assertEquals(
                1,
                logged.stream()
                        .filter(line -> line.startsWith("ERROR channel.failed"))
                        .count());
        assertTrue(logged.contains("INFO channel `ops` delivers again"));
    }

    @Test
    void without_a_fallback_any_other_channel_takes_it() {
        var ops = Postbox.refusing();
        var other = new Postbox();
        try (var channels = channels(routes("ops", route(ops), "other", route(other)))) {
            channels.send(List.of("ops"), Notices.notice("n1"));
            awaitCount("other", "delivered", 2);
        }
        assertEquals(
                List.of("channel.failed", "approval.requested"),
                other.all(notice -> notice.type().word()));
    }

    private void awaitCount(String channel, String outcome, int least) {
        long end = System.nanoTime() + TIMEOUT.multipliedBy(3).toNanos();
        while (counted(channel, outcome) < least) {
            if (System.nanoTime() > end) throw new AssertionError("no " + outcome + " of " + channel);
            Thread.onSpinWait();
        }
    }

    @Test
    void where_all_fail_each_is_tried_once_and_the_loss_is_told() {
        var boxes = List.of(Postbox.refusing(), Postbox.refusing(), Postbox.refusing());
        try (var channels = channels(
                routes("a", route(boxes.get(0), "b"), "b", route(boxes.get(1), "a"), "c", route(boxes.get(2), "a")))) {
            channels.send(List.of("a"), Notices.notice("n1"));
            awaitCount("(none)", "lost", 4);
        }
        for (Postbox box : boxes)
            assertEquals(1, box.all(Notice::id).stream().filter("n1"::equals).count());
        assertEquals(4, counted("(none)", "lost"), "the notice, and the alert of each channel");
        assertTrue(logged.contains("ERROR channel.failed: no channel is left for notice n1 of approval.requested"));
    }

    @Test
    void a_channel_that_does_not_exist_is_as_one_that_failed() {
        var ops = new Postbox();
        try (var channels = channels(routes("ops", route(ops)))) {
            channels.send(List.of("oops"), Notices.notice("n1"));
        }
        assertEquals(List.of("n1"), ops.all(Notice::id));
        assertTrue(logged.contains("WARN there is no channel `oops`"));
    }

    @Test
    void a_channel_that_keeps_failing_rests_and_its_notices_go_on_at_once() throws InterruptedException {
        var ops = new Postbox().answering(notice -> new Delivery.Troubled("it answered HTTP 503"));
        var spare = new Postbox();
        try (var channels = channels(routes("ops", route(ops), "spare", route(spare)))) {
            for (int i = 0; i < 6; i++) channels.send(List.of("ops"), Notices.notice("n" + i));
            for (int i = 0; i < 7; i++) spare.next();
            assertEquals(5, ops.all().size(), "the breaker opened at the fifth attempt");

            ops.answering(notice -> new Delivery.Delivered());
            nanos.addAndGet(Duration.ofHours(2).toNanos());
            channels.send(List.of("ops"), Notices.notice("later"));
        }
        assertEquals(6, ops.all().size());
        assertEquals("later", ops.all().getLast().id());
    }

    @Test
    void a_hanging_channel_is_given_up_and_its_attempt_broken_off() throws InterruptedException {
        var broken = new CountDownLatch(1);
        var ops = new Postbox().answering(notice -> {
            try {
                new CountDownLatch(1).await();
                return new Delivery.Delivered();
            } catch (InterruptedException stopped) {
                broken.countDown();
                throw stopped;
            }
        });
        var spare = new Postbox();
        var once = new Settings(
                8, 1, 1, Duration.ofMillis(1), Duration.ofMillis(1), Duration.ofHours(1), Duration.ofSeconds(30));
        try (var channels = channels(
                routes("ops", new Route(ops, Optional.empty(), Duration.ofMillis(20)), "spare", route(spare)), once)) {
            channels.send(List.of("ops"), Notices.notice("n1"));
            spare.next();
            assertEquals("n1", spare.next().id());
            broken.await();
            assertEquals(
                    Optional.of("it did not answer in time"),
                    channels.healths().get("ops").why());
        }
    }

    @Test
    void a_full_queue_hands_on_and_the_sender_never_waits() throws InterruptedException {
        var gate = new CountDownLatch(1);
        var ops = new Postbox().answering(notice -> {
            gate.await();
            return new Delivery.Delivered();
        });
        var spare = new Postbox();
        var small = new Settings(
                2, 1, 1, Duration.ofMillis(1), Duration.ofMillis(1), Duration.ofHours(1), Duration.ofSeconds(30));
        try (var channels = channels(routes("ops", route(ops), "spare", route(spare)), small)) {
            channels.send(List.of("ops"), Notices.notice("n0"));
            ops.next();
            for (int i = 1; i < 4; i++) channels.send(List.of("ops"), Notices.notice("n" + i));
            assertEquals("channel.failed", spare.next().type().word());
            assertEquals("n3", spare.next().id());
            gate.countDown();
        }
        assertEquals(List.of("n0", "n1", "n2"), ops.all(Notice::id));
        assertEquals(1, counted("ops", "overflow"));
    }

    @Test
    void a_fault_in_a_channel_is_a_failure_and_its_words_are_not_repeated() throws InterruptedException {
        var ops = new Postbox().answering(notice -> {
            throw new IllegalStateException("https://hooks.example/SECRET");
        });
        var spare = new Postbox();
        try (var channels = channels(routes("ops", route(ops), "spare", route(spare)))) {
            channels.send(List.of("ops"), Notices.notice("n1"));
            spare.next();
            assertEquals("n1", spare.next().id());
        }
        assertTrue(logged.stream().anyMatch(line -> line.contains("a fault in channel `ops`")));
        assertTrue(logged.stream().noneMatch(line -> line.contains("SECRET")), logged::toString);
    }

    @Test
    void no_secret_is_in_the_log_or_in_what_people_are_told() throws InterruptedException {
        try (var hook = new Receiver();
                var chat = new Receiver()) {
            hook.answers(302, Map.of("Location", chat.url("/x").toString()));
            chat.usually(503);
            var spare = new Postbox();
            var routes = routes(
                    "hook",
                    route(new WebhookChannel(
                            hook.url("/hooks/PATHSECRET"),
                            () -> "SIGNSECRET-0123456789",
                            "urn:x",
                            TIMEOUT,
                            () -> Notices.AT)),
                    "chat",
                    route(new SlackChannel(
                            () -> chat.url("/services/PATHSECRET").toString(), TIMEOUT)),
                    "gone",
                    route(new NtfyChannel(
                            java.net.URI.create("http://127.0.0.1:9/"),
                            "TOPICSECRET",
                            Optional.of(() -> "TOKENSECRET"),
                            TIMEOUT)),
                    "spare",
                    route(spare));
            try (var channels = channels(routes)) {
                channels.send(List.of("hook", "chat", "gone"), Notices.notice("n1"));
                awaitCount("hook", "failed", 1);
                awaitCount("chat", "failed", 1);
                awaitCount("gone", "failed", 1);
                assertTrue(logged.stream().noneMatch(line -> line.contains("SECRET")), logged::toString);
                assertFalse(channels.healths().toString().contains("SECRET"));
                spare.next();
            }
            assertFalse(spare.all().toString().contains("SECRET"));
            assertTrue(hook.taken().getFirst().path().contains("PATHSECRET"), "the control");
        }
    }

    @Test
    void at_the_end_what_waits_is_delivered_and_what_hangs_is_counted() throws InterruptedException {
        var hanging = new Postbox().answering(notice -> {
            new CountDownLatch(1).await();
            return new Delivery.Delivered();
        });
        var ops = new Postbox();
        var brief = new Settings(
                8, 1, 3, Duration.ofMillis(1), Duration.ofMillis(1), Duration.ofHours(1), Duration.ofMillis(1));
        var channels = new Channels(
                routes("ops", route(ops), "hanging", route(hanging)),
                brief,
                () -> Notices.AT,
                nanos::get,
                new Random(1),
                meters);
        channels.send(List.of("hanging"), Notices.notice("n1"));
        channels.send(List.of("hanging"), Notices.notice("n2"));
        hanging.next();
        channels.send(List.of("ops"), Notices.notice("n3"));
        ops.next();
        channels.close();

        awaitCount("hanging", "dropped", 2);
        assertEquals(List.of("n1"), hanging.all(Notice::id), "n2 was never begun");
        assertEquals(List.of("n3"), ops.all(Notice::id), "nothing is handed on at the end");
        channels.send(List.of("ops"), Notices.notice("n4"));
        assertEquals(1, counted("ops", "dropped"));
        assertEquals(1, ops.all().size());
    }
}
