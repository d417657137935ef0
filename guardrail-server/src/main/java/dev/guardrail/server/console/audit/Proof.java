package dev.guardrail.server.console.audit;

import dev.guardrail.base.Sha256;
import dev.guardrail.journal.JournalUnavailable;
import dev.guardrail.journal.Notary;
import dev.guardrail.journal.Store;
import dev.guardrail.proof.Checkpoint;
import dev.guardrail.proof.InclusionProof;
import dev.guardrail.proof.MalformedProof;
import dev.guardrail.proof.MerkleTree;
import dev.guardrail.proof.SignedNote;
import dev.guardrail.proof.TlogProof;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Whether an entry is in the log, worked out from its bytes up to a signed head.
///
/// @param leaf hash of the entry's bytes
/// @param size entries that the head covers
/// @param root of the tree of that size
/// @param path number of hashes between leaf and root
/// @param signer name of the log and its key
/// @param steps what was checked, in order
public record Proof(String leaf, long size, String root, int path, String signer, List<Step> steps) {
    public Proof {
        steps = List.copyOf(steps);
    }

    /// @param holds false where the check failed
    public record Step(boolean holds, String what) {}

    public boolean holds() {
        return steps.stream().allMatch(Step::holds);
    }

    /// A head that covers an entry; the latest where it does.
    static SignedNote head(Notary notary, long seq) {
        Optional<SignedNote> latest = notary.latest();
        return latest.isPresent() && notary.signedSize() > seq ? latest.get() : notary.sign();
    }

    /// The same as a file that others check (c2sp.org/tlog-proof).
    static byte[] file(Store store, Notary notary, long seq) {
        SignedNote head = head(notary, seq);
        return new TlogProof(
                        seq,
                        path(store, Checkpoint.parse(head.text()).size(), seq).path(),
                        head)
                .bytes();
    }

    private static InclusionProof path(Store store, long size, long seq) {
        try {
            return new MerkleTree(store.hashes(), size).inclusion(seq);
        } catch (IOException unreadable) {
            throw new JournalUnavailable(unreadable);
        }
    }

    /// Checks an entry.
    ///
    /// @param bytes as the log holds them
    static Proof of(Store store, Notary notary, long seq, byte[] bytes) {
        return of(store, head(notary, seq), notary.verifier(), seq, bytes);
    }

    private static Proof of(Store store, SignedNote note, dev.guardrail.proof.Verifier key, long seq, byte[] bytes) {
        Checkpoint said = Checkpoint.parse(note.text());
        Sha256 leaf = MerkleTree.leafHash(bytes);
        var steps = new ArrayList<Step>();
        boolean stored = stored(store, seq).filter(leaf::equals).isPresent();
        steps.add(
                stored
                        ? new Step(true, "The entry's bytes hash to its leaf")
                        : new Step(false, "The entry's bytes do not hash to the leaf that is kept beside them"));
        InclusionProof path = path(store, said.size(), seq);
        steps.add(
                path.proves(leaf, said.root())
                        ? new Step(true, path.path().size() + " sibling hashes lead from the leaf to the root")
                        : new Step(false, "The path from the leaf does not lead to the root"));
        steps.add(
                opens(note, key, said)
                        ? new Step(true, "The head of " + said.size() + " entries is signed by the log's key (Ed25519)")
                        : new Step(false, "The head is not signed by the log's key"));
        return new Proof(
                leaf.toString(),
                said.size(),
                said.root().toString(),
                path.path().size(),
                key.name(),
                steps);
    }

    private static boolean opens(SignedNote note, dev.guardrail.proof.Verifier key, Checkpoint said) {
        try {
            return note.open(List.of(key))
                    .map(Checkpoint::parse)
                    .filter(said::equals)
                    .filter(head -> head.origin().equals(key.name()))
                    .isPresent();
        } catch (MalformedProof malformed) {
            return false;
        }
    }

    private static Optional<Sha256> stored(Store store, long seq) {
        try {
            return store.leaves(seq, seq + 1).stream().findFirst();
        } catch (IOException unreadable) {
            throw new JournalUnavailable(unreadable);
        }
    }
}
