package dev.guardrail.journal;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonText;
import dev.guardrail.base.JsonWriter;
import dev.guardrail.base.Sha256;
import dev.guardrail.base.StrictJson;
import dev.guardrail.base.Ticker;
import dev.guardrail.call.CallId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The one way to write: seals bodies, commits drafts, and mints the right to run (law unjournaledNeverRuns).
/// Safe for concurrent use.
public final class Journal {
    private static final StrictJson.Limits STORED =
            new StrictJson.Limits(Integer.MAX_VALUE, 512, Integer.MAX_VALUE, 40, Integer.MAX_VALUE).forAnswers();

    private static final int PAGE = 500;

    private final Store store;
    private final BodySeal seal;
    private final InstantSource clock;
    private final Ticker ticker;

    public Journal(Store store, BodySeal seal, InstantSource clock, Ticker ticker) {
        this.store = store;
        this.seal = seal;
        this.clock = clock;
        this.ticker = ticker;
    }

    /// Commits a draft. A crash before this returns leaves all of the draft or nothing of it; a crash after it
    /// leaves all of it.
    ///
    /// @throws StoreConflict if a document had changed; nothing was written
    /// @throws JournalUnavailable if the store cannot write or durability is unknown
    public Receipt commit(Draft draft) throws StoreConflict {
        Receipt receipt;
        try {
            receipt = store.commit(draft.batch());
        } catch (IOException unwritable) {
            throw new JournalUnavailable(unwritable);
        }
        draft.committed();
        return receipt;
    }

    /// Commits the intent to run a call and mints its lease. A crash after the commit leaves an intent without an
    /// outcome: [Recovery] marks the call in doubt and nobody runs it again.
    ///
    /// @param fingerprint of the exact call that may run
    /// @param life from now, on monotonic time
    /// @throws StoreConflict as [#commit]: no lease then
    public Lease intend(Draft draft, CallId call, Sha256 fingerprint, Duration life) throws StoreConflict {
        long deadline = ticker.nanos() + life.toNanos();
        return new Lease(call, commit(draft), fingerprint, deadline);
    }

    /// Seals a value under an id of its own, such as `call_…/arguments`.
    public BodySeal.Sealed seal(String id, Json value) {
        return seal.seal(id, JsonWriter.bytes(value));
    }

    /// @return the value of a body; empty where it was erased or never kept
    public Optional<Json> body(String id) {
        return reading(() -> store.body(id)).map(bytes -> StrictJson.parse(seal.open(id, bytes), STORED));
    }

    /// @return the text of a body that holds one; empty where it was erased or never kept
    public Optional<String> words(String id) {
        return body(id).flatMap(json -> json instanceof JsonText(String text) ? Optional.of(text) : Optional.empty());
    }

    public Sha256 blind(Sha256 digest) {
        return seal.blind(digest.bytes());
    }

    /// A person's name as entries show it.
    public Sha256 pseudonym(String user) {
        return seal.blind(("user:" + user).getBytes(StandardCharsets.UTF_8));
    }

    public Optional<Document> get(Kind kind, String key) {
        return reading(() -> store.get(kind, key));
    }

    public List<Document> find(Kind kind, Document.Tags filter, String after, int limit) {
        return reading(() -> store.find(kind, filter, after, limit));
    }

    /// All documents of a kind, in order of their keys.
    ///
    /// @param filter tags that must be equal; null tags do not matter
    public List<Document> all(Kind kind, Document.Tags filter) {
        var all = new ArrayList<Document>();
        List<Document> page = find(kind, filter, "", PAGE);
        while (!page.isEmpty()) {
            all.addAll(page);
            page = find(kind, filter, page.getLast().key(), PAGE);
        }
        return all;
    }

    /// Entries that match, newest first.
    ///
    /// @param before only sequences below this one
    public List<Store.Found> search(Store.Query query, long before, int limit) {
        return reading(() -> store.search(query, before, limit));
    }

    /// The wall clock, to the millisecond, as entries show it.
    public Instant now() {
        return Instant.ofEpochMilli(clock.millis());
    }

    public long nanos() {
        return ticker.nanos();
    }

    /// Latest time of any durable entry; the epoch for an empty log.
    public Instant highWater() {
        return Instant.ofEpochMilli(reading(store::highWaterMillis));
    }

    public Store store() {
        return store;
    }

    private static <T> T reading(Reading<T> reading) {
        try {
            return reading.read();
        } catch (IOException unreadable) {
            throw new JournalUnavailable(unreadable);
        }
    }

    @FunctionalInterface
    private interface Reading<T> {
        T read() throws IOException;
    }
}
