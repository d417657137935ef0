package dev.guardrail.server.observe;

import dev.guardrail.base.JsonWriter;
import dev.guardrail.base.Printable;
import dev.guardrail.base.Ticker;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Sends spans to a collector: OTLP over HTTP, in JSON, batch by batch, on a thread of its own. Whoever ends a span
/// never waits: spans that find the queue full, or the collector unwilling, are dropped and counted. A batch is sent
/// once.
public final class OtlpExport implements SpanSink, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(OtlpExport.class);
    private static final int QUEUE = 2_048;
    private static final int BATCH = 512;
    private static final Duration LINGER = Duration.ofMillis(500);
    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    private static final Duration FAREWELL = Duration.ofSeconds(2);

    private final URI url;
    private final OtlpSpans encoding;
    private final Ticker ticker;
    private final BlockingQueue<Span> queue = new ArrayBlockingQueue<>(QUEUE);
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(TIMEOUT)
            .build();
    private final Counter exported;
    private final Counter dropped;
    private final Thread thread;
    private volatile boolean closed;
    private boolean broken;

    /// @param url where traces are taken, path and all
    /// @param version of this guard
    public OtlpExport(URI url, String version, Ticker ticker, MeterRegistry meters) {
        this.url = url;
        this.encoding = new OtlpSpans(version);
        this.ticker = ticker;
        this.exported = counter(meters, "exported");
        this.dropped = counter(meters, "dropped");
        this.thread = Thread.ofVirtual().name("guardrail-spans").start(this::run);
    }

    private static Counter counter(MeterRegistry meters, String outcome) {
        return Counter.builder("guardrail.trace.spans")
                .description("Spans that ended")
                .tag("outcome", outcome)
                .register(meters);
    }

    @Override
    public void take(Span span) {
        if (closed || !queue.offer(span)) dropped.increment();
    }

    private void run() {
        try {
            while (!closed || !queue.isEmpty()) {
                var batch = gather();
                if (!batch.isEmpty()) send(batch);
            }
        } catch (InterruptedException hurried) {
            LOG.debug("spans were left behind at the end");
        }
        dropped.increment(queue.size());
    }

    /// The spans that end within a moment of the first.
    private List<Span> gather() throws InterruptedException {
        var batch = new ArrayList<Span>();
        long end = ticker.nanos() + LINGER.toNanos();
        while (batch.size() < BATCH) {
            Span next = queue.poll(Math.max(0, closed ? 0 : end - ticker.nanos()), TimeUnit.NANOSECONDS);
            if (next == null) break;
            batch.add(next);
        }
        return batch;
    }

    private void send(List<Span> batch) throws InterruptedException {
        String wrong = null;
        try {
            var request = HttpRequest.newBuilder(url)
                    .timeout(TIMEOUT)
                    .header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofByteArray(JsonWriter.bytes(encoding.request(batch))))
                    .build();
            int status =
                    client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
            if (status >= 300 || status < 200) wrong = "it answered HTTP " + status;
        } catch (IOException unreachable) {
            wrong = unreachable.toString();
        } catch (RuntimeException fault) {
            wrong = Printable.trace(fault);
        }
        (wrong == null ? exported : dropped).increment(batch.size());
        tell(wrong);
    }

    /// Told once when it begins and once when it ends.
    private void tell(@Nullable String wrong) {
        if (wrong != null && !broken) LOG.warn("the collector of spans takes none: {}", Printable.text(wrong));
        if (wrong == null && broken) LOG.info("the collector of spans takes them again");
        broken = wrong != null;
    }

    /// Sends what is there, for a moment.
    @Override
    public void close() {
        closed = true;
        try {
            if (!thread.join(FAREWELL)) thread.interrupt();
        } catch (InterruptedException hurried) {
            thread.interrupt();
            Thread.currentThread().interrupt();
        }
        client.shutdownNow();
    }
}
