package dev.guardrail.journal;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import dev.guardrail.proof.Appointment;
import dev.guardrail.proof.Checkpoint;
import dev.guardrail.proof.CheckpointGuard;
import dev.guardrail.proof.Ed25519Verifier;
import dev.guardrail.proof.HashSource;
import dev.guardrail.proof.MalformedProof;
import dev.guardrail.proof.MerkleTree;
import dev.guardrail.proof.SignedNote;
import dev.guardrail.proof.Signer;
import dev.guardrail.proof.Verifier;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Signs the log's heads, and never one that contradicts another: a head is kept durably, in the store and beside it,
/// before anybody sees it. Signing costs milliseconds, so it is done now and then, never for each entry.
///
/// A crash after a head was kept leaves one that nobody has seen. Safe for concurrent use.
public final class Notary {
    private static final String KEY = "log-key";
    private static final String GAP = "log-gap";

    private final Journal journal;
    private final Store store;
    private final HashSource hashes;
    private final Heads heads;
    private Signer signer;
    private Optional<Head> last = Optional.empty();

    private Notary(Journal journal, Heads heads, Signer signer) {
        this.journal = journal;
        this.store = journal.store();
        this.hashes = store.hashes();
        this.heads = heads;
        this.signer = signer;
    }

    /// A signed head and what it says.
    private record Head(SignedNote note, Checkpoint checkpoint) {}

    /// Takes office for a log. The first entry of a new log names the key.
    ///
    /// @throws HeadRefused if another key is the log's, or the log lacks or contradicts what was signed for: an
    ///     old backup was put in its place
    /// @throws JournalUnavailable if store or heads cannot be read or written
    public static Notary open(Journal journal, Heads heads, Signer signer) {
        var notary = new Notary(journal, heads, signer);
        Optional<String> vkey = key(journal);
        if (vkey.isEmpty()) notary.install(signer, Optional.empty(), new Draft());
        else if (!vkey.get().equals(signer.verifier().vkey()))
            throw new HeadRefused("the key at hand is `" + signer.verifier().vkey() + "` and the log's is `"
                    + vkey.get() + "`; put the log's key file back");
        notary.resume();
        return notary;
    }

    /// Verifier key of the log that the journal holds; empty before the first.
    public static Optional<String> key(Journal journal) {
        return journal.get(Kind.META, KEY).flatMap(document -> document.value().text("vkey"));
    }

    /// Reads and judges what was signed last.
    private void resume() {
        try {
            var known = new ArrayList<Head>();
            for (Optional<byte[]> note : List.of(store.checkpoint(), heads.last()))
                if (note.isPresent()) resumed(note.get()).ifPresent(known::add);
            for (Head head : known) {
                expectExtended(head.checkpoint());
                if (last.isEmpty()
                        || last.get().checkpoint().size() < head.checkpoint().size()) last = Optional.of(head);
            }
        } catch (IOException unreadable) {
            throw new JournalUnavailable(unreadable);
        }
    }

    /// @return empty where the head is of the log that this one took over from, with the gap acknowledged
    private Optional<Head> resumed(byte[] bytes) {
        try {
            var note = SignedNote.parse(bytes);
            var opened = note.open(verifiers());
            if (opened.isPresent()) return Optional.of(new Head(note, Checkpoint.parse(opened.get())));
            boolean acknowledged = journal.get(Kind.META, GAP)
                    .flatMap(document -> document.value().text("head"))
                    .filter(text(bytes)::equals)
                    .isPresent();
            if (acknowledged) return Optional.empty();
        } catch (MalformedProof damaged) {
            throw new HeadRefused("the head that was signed last is damaged: " + damaged.getMessage()
                    + "; put its file back, or restore a backup with `--acknowledge-gap`");
        }
        throw new HeadRefused("the head that was signed last is not signed by the log's key `"
                + signer.verifier().vkey() + "`; restore a backup with `--acknowledge-gap`");
    }

    private void expectExtended(Checkpoint head) throws IOException {
        boolean held = head.size() <= store.size()
                && new MerkleTree(hashes, head.size()).root().equals(head.root());
        if (!held)
            throw new HeadRefused("a head of " + head.size() + " entries was signed, and the log of " + store.size()
                    + " does not hold them: an older state was put in its place; put the right one back, or restore it"
                    + " with `--acknowledge-gap`");
    }

    /// What others check the log's heads with.
    public synchronized Verifier verifier() {
        return signer.verifier();
    }

    /// The latest head; empty before the first.
    public synchronized Optional<SignedNote> latest() {
        return last.map(Head::note);
    }

    /// Number of entries that the latest head covers.
    public synchronized long signedSize() {
        return last.map(head -> head.checkpoint().size()).orElse(0L);
    }

    /// The head of all that is durable now, signed unless it was before.
    ///
    /// @throws HeadRefused if it would contradict an earlier one; nothing was signed
    /// @throws JournalUnavailable if it could not be kept; nobody has seen it
    public synchronized SignedNote sign() {
        try {
            long size = store.size();
            if (last.isPresent() && last.get().checkpoint().size() == size)
                return last.get().note();
            var head = new Checkpoint(signer.verifier().name(), size, new MerkleTree(hashes, size).root());
            return released(head, head.sign(signer));
        } catch (IOException unkept) {
            throw new JournalUnavailable(unkept);
        }
    }

    /// Keeps a head; only then may it be seen.
    private SignedNote released(Checkpoint head, SignedNote note) throws IOException {
        if (last.isPresent()) {
            Checkpoint before = last.get().checkpoint();
            var refusal = head.size() < before.size()
                    ? Optional.of(CheckpointGuard.Refusal.SMALLER)
                    : CheckpointGuard.refusal(
                            before, head, new MerkleTree(hashes, head.size()).consistency(before.size()));
            if (refusal.isPresent())
                throw new HeadRefused("the log does not extend its head of " + before.size() + " entries ("
                        + refusal.get() + "); stop guardrail and run `verify`");
        }
        heads.keep(note.bytes());
        store.keepCheckpoint(head.size(), note.bytes());
        last = Optional.of(new Head(note, head));
        return note;
    }

    /// Hands the log over to another key, which the present one appoints. The next head bears both signatures, so that
    /// whoever trusts the old key can follow. A crash after the entry leaves a log whose key is the new one.
    ///
    /// @param next named after the same origin
    public synchronized SignedNote rotate(Signer next) {
        if (!next.verifier().name().equals(signer.verifier().name()))
            throw new IllegalArgumentException("a key that takes over is named after the log's origin");
        Signer before = signer;
        install(next, Optional.of(before), new Draft());
        try {
            var head =
                    new Checkpoint(next.verifier().name(), store.size(), new MerkleTree(hashes, store.size()).root());
            var both = new ArrayList<>(head.sign(next).signatures());
            both.addAll(head.sign(before).signatures());
            return released(head, new SignedNote(head.text(), both));
        } catch (IOException unkept) {
            throw new JournalUnavailable(unkept);
        }
    }

    /// Starts a log of another origin on what is left of this one, after entries that were signed for are
    /// lost: a head of the old origin could never be extended. Its first new entry says what is lost and why,
    /// and its first head is signed at once.
    ///
    /// @param lost signed note of the old log's last known head; empty where none is known
    /// @param before the old log's key, which appoints the new one; empty where it is lost too
    /// @param next named after the new origin
    /// @param by whose decision it is
    public static Notary succeed(
            Journal journal,
            Heads heads,
            Optional<byte[]> lost,
            Optional<? extends Signer> before,
            Signer next,
            String by,
            String reason) {
        long from = journal.store().size();
        long to = lost.map(SignedNote::parse)
                .map(note -> Checkpoint.parse(note.text()).size())
                .orElse(from);
        var sealed = journal.seal("gap/" + from + "/" + next.verifier().name(), new JsonText(reason));
        Optional<String> head = lost.map(Notary::text);
        var gap = new Entry.GapAcknowledged(journal.now(), from, Math.max(from, to), by, sealed.commitment(), head);
        var draft = new Draft().entry(gap).body(sealed.body());
        long version = journal.get(Kind.META, GAP).map(Document::version).orElse(0L);
        draft.change(new Change.Put(
                Kind.META,
                GAP,
                version,
                Document.Tags.NONE,
                JsonObject.builder().with("head", head).build()));
        var notary = new Notary(journal, heads, next);
        notary.install(next, before, draft);
        notary.sign();
        return notary;
    }

    /// Journals a key, and makes it the one to sign with.
    ///
    /// @param before the key that appoints it; empty for the first, and where the one before is lost
    private void install(Signer next, Optional<? extends Signer> before, Draft draft) {
        String vkey = next.verifier().vkey();
        Optional<String> appointment = before.map(
                present -> text(Appointment.of(next.verifier()).sign(present).bytes()));
        long version = journal.get(Kind.META, KEY).map(Document::version).orElse(0L);
        draft.entry(new Entry.KeyRotated(journal.now(), vkey, appointment));
        draft.change(new Change.Put(
                Kind.META,
                KEY,
                version,
                Document.Tags.NONE,
                JsonObject.with("vkey", vkey)
                        .with("before", before.map(present -> present.verifier().vkey()))
                        .build()));
        try {
            journal.commit(draft);
        } catch (StoreConflict raced) {
            throw new HeadRefused("another process names a key for this log; only one may write it");
        }
        signer = next;
    }

    /// Keys that may have signed the latest head: a crash can come between a key's entry and its first head.
    private List<Verifier> verifiers() {
        var trusted = new ArrayList<Verifier>(List.of(signer.verifier()));
        journal.get(Kind.META, KEY)
                .flatMap(document -> document.value().text("before"))
                .map(Ed25519Verifier::parse)
                .filter(before -> before.name().equals(signer.verifier().name()))
                .ifPresent(trusted::add);
        return trusted;
    }

    private static String text(byte[] note) {
        return new String(note, StandardCharsets.UTF_8);
    }
}
