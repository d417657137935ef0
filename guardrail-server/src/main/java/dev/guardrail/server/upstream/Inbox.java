package dev.guardrail.server.upstream;

/// What hears a [Wire]. Safe for concurrent use; no method blocks.
interface Inbox {

    /// Where a message came from.
    ///
    /// @param request id of the request on whose stream it came; empty where on none
    /// @param numbered its event had an id
    /// @param shared the wire has one stream for everything, so that no request is named
    record Origin(String request, boolean numbered, boolean shared) {
        static final Origin COMMON = new Origin("", false, true);

        static Origin of(String request, boolean numbered) {
            return new Origin(request, numbered, false);
        }

        static Origin standing(boolean numbered) {
            return new Origin("", numbered, false);
        }
    }

    /// @param json one message as it came, not parsed yet
    void message(byte[] json, Origin origin);

    /// A request was refused with a body.
    ///
    /// @return true where the body was a JSON-RPC error that answers the request
    boolean refused(String id, int status, byte[] body);

    /// The stream that answers a request began.
    void opened(String request);

    /// An event without a message, but with an id, came on the stream of a request.
    void primed(String request);

    /// The server wishes a pause before the stream of a request is resumed.
    void retry(String request, long millis);

    /// The server ended the stream of a request before its answer, and has it resumed.
    void paused(String request);

    /// A request will not be answered.
    ///
    /// @param detail one lower-case clause that completes "the server …"
    void failed(String id, Wire.Fault fault, String detail);

    /// Nothing more comes on this wire; whatever was sent and not answered is lost.
    void closed(String detail);

    /// True while a request waits for its answer.
    boolean awaits(String id);
}
