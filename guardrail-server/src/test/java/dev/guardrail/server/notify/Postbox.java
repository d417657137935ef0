package dev.guardrail.server.notify;

import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/// A channel that keeps what it is given, and answers as it is told.
final class Postbox implements Channel {
    private final List<Notice> all = new CopyOnWriteArrayList<>();
    private final BlockingQueue<Notice> unread = new LinkedBlockingQueue<>();
    private volatile Answers answers = notice -> new Delivery.Delivered();

    /// May block, for a channel that is slow.
    interface Answers {
        Delivery to(Notice notice) throws InterruptedException;
    }

    Postbox answering(Answers wanted) {
        answers = wanted;
        return this;
    }

    static Postbox refusing() {
        return new Postbox().answering(notice -> new Delivery.Refused("it is broken"));
    }

    @Override
    public Delivery deliver(Notice notice) throws InterruptedException {
        all.add(notice);
        unread.add(notice);
        return answers.to(notice);
    }

    /// Waits for the next attempt.
    Notice next() throws InterruptedException {
        Notice notice = unread.poll(30, TimeUnit.SECONDS);
        if (notice == null) throw new AssertionError("nothing came");
        return notice;
    }

    List<Notice> all() {
        return List.copyOf(all);
    }

    <T> List<T> all(Function<Notice, T> of) {
        return all.stream().map(of).toList();
    }
}
