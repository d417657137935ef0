package dev.guardrail.server.bridge;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.MalformedJson;
import dev.guardrail.base.StrictJson;
import dev.guardrail.server.upstream.EventReader;
import dev.guardrail.server.upstream.ResponseKind;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import javax.net.ssl.SSLHandshakeException;

/// Takes messages to the guard and hands on what comes back for each, in its order, to the end of its stream. To
/// interrupt the thread that waits here closes the stream.
final class Delivery {
    /// Largest message that the guard may send.
    static final int MESSAGE_BYTES = 64 * 1024 * 1024;

    /// What the guard sends was judged there; here it is passed on.
    private static final StrictJson.Limits PASSED_ON =
            new StrictJson.Limits(MESSAGE_BYTES, 512, Integer.MAX_VALUE, 0, Integer.MAX_VALUE).forAnswers();

    private static final int REFUSAL_BYTES = 64 * 1024;
    private static final int RESUMPTIONS = 8;
    private static final long SHORTEST_PAUSE_MILLIS = 50;
    private static final long USUAL_PAUSE_MILLIS = 1_000;
    private static final long LONGEST_PAUSE_MILLIS = 10_000;
    private static final long LONGEST_WISH_MILLIS = 300_000;

    private final DoorClient door;
    private final Consumer<String> words;

    Delivery(DoorClient door, Consumer<String> words) {
        this.door = door;
        this.words = words;
    }

    /// Takes a message that cannot be resumed.
    Outcome deliver(HttpRequest request, Ear ear) throws InterruptedException {
        return deliver(request, ear, Optional.empty());
    }

    /// @param resumption makes the request that goes on after the event of an id (MCP 2025-11-25, basic/transports)
    Outcome deliver(HttpRequest request, Ear ear, Optional<Function<String, HttpRequest>> resumption)
            throws InterruptedException {
        HttpResponse<InputStream> response;
        try {
            response = door.send(request);
        } catch (ConnectException | HttpConnectTimeoutException | SSLHandshakeException unreached) {
            return new Outcome.Unreached();
        } catch (IOException broken) {
            return new Outcome.Lost("the connection broke before it answered");
        }
        ear.opened(response);
        try (var body = response.body()) {
            int status = response.statusCode();
            if (status >= 300) return refused(status, body);
            if (ResponseKind.isEvents(response)) return follow(body, ear, resumption);
            if (!ResponseKind.isJson(response)) return new Outcome.Taken();
            return read(body.readNBytes(MESSAGE_BYTES + 1)).filter(ear::heard).isPresent()
                    ? new Outcome.Taken()
                    : new Outcome.Lost("what answered is no answer");
        } catch (IOException broken) {
            if (Thread.interrupted()) throw new InterruptedException();
            return new Outcome.Lost("the connection broke in the answer");
        }
    }

    private static Outcome refused(int status, InputStream body) throws IOException {
        byte[] text = body.readNBytes(REFUSAL_BYTES);
        Optional<JsonObject> error = parse(text).flatMap(message -> message.object("error"));
        boolean mayHaveRun = status >= 500 && error.isEmpty();
        return mayHaveRun ? new Outcome.Lost("it answered HTTP " + status) : new Outcome.Refused(status, error);
    }

    /// Follows a stream to the answer. A stream that ends or breaks before it is resumed where it can be.
    private Outcome follow(InputStream first, Ear ear, Optional<Function<String, HttpRequest>> resumption)
            throws InterruptedException {
        var place = new Place();
        boolean answered = drain(first, place, ear);
        int vain = 0;
        while (!answered) {
            String before = place.last;
            if (resumption.isEmpty() || before.isEmpty() || vain == RESUMPTIONS)
                return new Outcome.Lost("its stream ended before the answer");
            Thread.sleep(place.pauseMillis(vain));
            try {
                var response = door.send(resumption.get().apply(before));
                try (var body = response.body()) {
                    if (response.statusCode() >= 400 && response.statusCode() < 500)
                        return new Outcome.Lost("its stream cannot be resumed");
                    answered = ResponseKind.isEvents(response) && drain(body, place, ear);
                }
            } catch (IOException unreached) {
                words.accept("the guard cannot be reached to resume a stream; trying again");
            }
            vain = place.last.equals(before) ? vain + 1 : 0;
        }
        return new Outcome.Taken();
    }

    /// Where a stream of events is to be resumed, and after what pause.
    static final class Place {
        private String last = "";
        private long pauseMillis = USUAL_PAUSE_MILLIS;

        /// Id of the last event that came whole; empty before.
        String last() {
            return last;
        }

        /// How long to wait before the next attempt: as the server wishes, and longer after each in vain.
        long pauseMillis(int vain) {
            long longer = Math.min(pauseMillis << Math.min(vain, 8), LONGEST_PAUSE_MILLIS);
            return Math.clamp(Math.max(pauseMillis, longer), SHORTEST_PAUSE_MILLIS, LONGEST_WISH_MILLIS);
        }
    }

    /// Reads a stream of events to its end, or until it breaks.
    ///
    /// @return true where the answer came
    boolean drain(InputStream body, Place place, Ear ear) throws InterruptedException {
        var events = new EventReader(body, MESSAGE_BYTES, Long.MAX_VALUE);
        boolean answered = false;
        try {
            for (byte[] event = events.next(); event != null; event = events.next()) {
                if (!events.lastId().isEmpty()) place.last = events.lastId();
                Optional<JsonObject> message = event.length == 0 ? Optional.empty() : read(event);
                if (message.isPresent()) answered |= ear.heard(message.get());
            }
        } catch (IOException broken) {
            if (Thread.interrupted()) throw new InterruptedException();
        }
        if (events.retryMillis() > 0) place.pauseMillis = events.retryMillis();
        return answered;
    }

    /// @return empty where the bytes are no object, which then are lost
    private Optional<JsonObject> read(byte[] bytes) {
        Optional<JsonObject> message = parse(bytes);
        if (message.isEmpty()) words.accept("the guard sent something that is no message; it is dropped");
        return message;
    }

    private static Optional<JsonObject> parse(byte[] bytes) {
        try {
            Json json = StrictJson.parse(bytes, PASSED_ON);
            return json instanceof JsonObject object ? Optional.of(object) : Optional.empty();
        } catch (MalformedJson other) {
            return Optional.empty();
        }
    }
}
