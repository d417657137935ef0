package dev.guardrail.server.console.audit;

import dev.guardrail.base.JsonNumber;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.StrictJson;
import dev.guardrail.journal.Store;

/// An entry and where it stands.
///
/// @param entry as parsed, with its place as the member `seq`
record Line(long seq, JsonObject entry) {
    static Line of(Store.Found found) {
        return of(found.seq(), found.bytes());
    }

    static Line of(long seq, byte[] bytes) {
        return new Line(seq, ((JsonObject) StrictJson.parse(bytes)).set("seq", JsonNumber.of(seq)));
    }
}
