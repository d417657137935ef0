package dev.guardrail.server.upstream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.guardrail.base.Sha256;
import dev.guardrail.server.upstream.TokenEndpoint.Issued;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/// For how long fetched tokens are kept, and how often one is fetched.
class TokensSpec {
    private static final Optional<Sha256> OURS = Optional.empty();
    private static final Duration ALWAYS = Duration.ofDays(1);

    private final AtomicLong now = new AtomicLong();
    private final List<String> seen = new ArrayList<>();
    private final Tokens tokens = new Tokens(now::get, (token, life) -> seen.add(token + " " + life.toSeconds()));
    private final AtomicInteger fetched = new AtomicInteger();

    private static Optional<Sha256> owner(String name) {
        return Optional.of(Sha256.of(name.getBytes(UTF_8)));
    }

    private Supplier<Issued> living(long seconds) {
        return () -> new Issued("t" + fetched.incrementAndGet(), Duration.ofSeconds(seconds));
    }

    private void pass(long seconds) {
        now.addAndGet(Duration.ofSeconds(seconds).toNanos());
    }

    @Test
    void a_token_is_kept_until_shortly_before_its_end() {
        assertEquals("t1", tokens.token(OURS, ALWAYS, living(300)));
        pass(269);
        assertEquals("t1", tokens.token(OURS, ALWAYS, living(300)));
        pass(1);
        assertEquals("t2", tokens.token(OURS, ALWAYS, living(10)));
        pass(7);
        assertEquals("t2", tokens.token(OURS, ALWAYS, living(10)));
        pass(1);
        assertEquals("t3", tokens.token(OURS, ALWAYS, living(10)));
        assertEquals(List.of("t1 300", "t2 10", "t3 10"), seen, "each is told before it is used");
    }

    @Test
    void an_exchanged_token_lives_no_longer_than_what_it_was_got_for() {
        assertEquals("t1", tokens.token(owner("alice"), Duration.ofSeconds(20), living(300)));
        pass(19);
        assertEquals("t1", tokens.token(owner("alice"), Duration.ofSeconds(1), living(300)));
        pass(1);
        assertEquals("t2", tokens.token(owner("alice"), Duration.ofSeconds(20), living(300)));
    }

    @Test
    void owners_share_nothing() {
        assertEquals("t1", tokens.token(owner("alice"), ALWAYS, living(300)));
        assertEquals("t2", tokens.token(owner("bob"), ALWAYS, living(300)));
        assertEquals("t3", tokens.token(OURS, ALWAYS, living(300)));
        tokens.forget(owner("bob"), "t2");
        assertEquals("t1", tokens.token(owner("alice"), ALWAYS, living(300)));
        assertEquals("t4", tokens.token(owner("bob"), ALWAYS, living(300)));
    }

    @Test
    void only_the_token_that_was_refused_is_forgotten() {
        assertEquals("t1", tokens.token(OURS, ALWAYS, living(300)));
        tokens.forget(OURS, "t0");
        assertEquals("t1", tokens.token(OURS, ALWAYS, living(300)));
        tokens.forget(OURS, "t1");
        assertEquals("t2", tokens.token(OURS, ALWAYS, living(300)));
        tokens.forget(OURS, "t1");
        assertEquals("t2", tokens.token(OURS, ALWAYS, living(300)), "another request fetched anew before");
    }

    @Test
    void a_refusal_is_not_asked_for_again_at_once() {
        Supplier<Issued> refusing = () -> {
            fetched.incrementAndGet();
            throw new CredentialUnavailable("has none");
        };
        for (int i = 0; i < 5; i++)
            assertThrows(CredentialUnavailable.class, () -> tokens.token(OURS, ALWAYS, refusing));
        assertEquals(1, fetched.get());
        pass(1);
        assertEquals("t2", tokens.token(OURS, ALWAYS, living(300)));
    }

    @Test
    void one_fetches_for_all_who_wait() throws Exception {
        var begun = new CountDownLatch(1);
        var go = new CountDownLatch(1);
        Supplier<Issued> slow = () -> {
            begun.countDown();
            try {
                go.await();
            } catch (InterruptedException stopped) {
                throw new AssertionError(stopped);
            }
            return living(300).get();
        };
        var got = new ConcurrentLinkedQueue<String>();
        var threads = new ArrayList<Thread>();
        for (int i = 0; i < 20; i++)
            threads.add(Thread.ofVirtual().start(() -> got.add(tokens.token(OURS, ALWAYS, slow))));
        begun.await();
        go.countDown();
        for (Thread thread : threads) thread.join();
        assertEquals(20, got.size());
        assertEquals(List.of("t1"), got.stream().distinct().toList());
    }

    @Test
    void owners_beyond_the_bound_wait_for_a_place() {
        for (int i = 0; i < Tokens.MOST; i++) tokens.token(owner("user" + i), ALWAYS, living(300));
        assertThrows(CredentialUnavailable.class, () -> tokens.token(owner("one more"), ALWAYS, living(300)));
        assertEquals("t1", tokens.token(owner("user0"), ALWAYS, living(300)));
        pass(300);
        assertEquals("t" + (Tokens.MOST + 1), tokens.token(owner("one more"), ALWAYS, living(300)));
    }
}
