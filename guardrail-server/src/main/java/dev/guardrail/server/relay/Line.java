package dev.guardrail.server.relay;

import dev.guardrail.base.JsonObject;
import java.util.function.Consumer;

/// The client's end of one request, or of one session: what the upstream says beside its answer goes down it
/// unchanged. No method blocks.
public interface Line {

    /// The upstream answers with a stream of events.
    default void opened() {}

    /// An event came that has an id and no message: the stream can be resumed after it.
    default void primed() {}

    /// The upstream wishes this pause before a resumption.
    default void retry(long millis) {}

    /// The upstream ended its stream before the answer; it goes on when it is resumed.
    default void paused() {}

    /// The HTTP status that an error came with.
    default void status(int status) {}

    /// A notification, as it came.
    ///
    /// @param numbered its event had an id
    void say(JsonObject notification, boolean numbered);

    /// A request of the server's. It is answered once, on any thread.
    ///
    /// @return takes it back, with the server's reason
    Consumer<String> ask(String method, JsonObject params, boolean numbered, Consumer<Answer> answer);

    /// Nobody listens: notifications are lost, requests not known.
    static Line nobody() {
        return new Line() {
            @Override
            public void say(JsonObject notification, boolean numbered) {}

            @Override
            public Consumer<String> ask(String method, JsonObject params, boolean numbered, Consumer<Answer> answer) {
                answer.accept(Answer.Failure.methodNotFound());
                return reason -> {};
            }
        };
    }
}
