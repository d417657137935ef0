package dev.guardrail.server.upstream;

/// What hears a [Wire]. Safe for concurrent use; no method blocks.
interface Inbox {

    /// @param json one message as it came, not parsed yet
    void message(byte[] json);

    /// A request will not be answered.
    ///
    /// @param detail one lower-case clause that completes "the server …"
    void failed(String id, Wire.Fault fault, String detail);

    /// Nothing more comes on this wire; whatever was sent and not answered is lost.
    void closed(String detail);

    /// True while a request waits for its answer.
    boolean awaits(String id);
}
