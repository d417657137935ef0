package dev.guardrail.proof;

import dev.guardrail.base.Sha256;
import java.util.Collection;
import java.util.Optional;

/// A tree head: what a log claims to hold (c2sp.org/tlog-checkpoint).
///
/// @param origin unique name of the log
/// @param size number of entries
/// @param root of the tree of that size
public record Checkpoint(String origin, long size, Sha256 root) {

    public Checkpoint {
        if (origin.isEmpty() || origin.indexOf('\n') >= 0 || size < 0)
            throw new MalformedProof("a checkpoint has an origin of one line and a size of at least 0");
    }

    /// The note text, without signatures.
    public String text() {
        return origin + "\n" + size + "\n" + Base64Text.encode(root.bytes()) + "\n";
    }

    /// Signs this tree head. Whoever calls it has asked [CheckpointGuard] and stored the outcome durably.
    public SignedNote sign(Signer signer) {
        return SignedNote.sign(text(), signer);
    }

    /// Reads a note text; extension lines are allowed and ignored.
    ///
    /// @throws MalformedProof where the text is not a checkpoint
    public static Checkpoint parse(String text) {
        String[] lines = text.split("\n", -1);
        if (lines.length < 4 || !lines[lines.length - 1].isEmpty())
            throw new MalformedProof("a checkpoint has an origin, a size and a root, each on its line");
        for (int i = 0; i < lines.length - 1; i++)
            if (lines[i].isEmpty()) throw new MalformedProof("a checkpoint has no empty line");
        return new Checkpoint(lines[0], DecimalText.parse(lines[1]), Base64Text.hash(lines[2]));
    }

    /// The tree head in a note, where a trusted key signed it and it is of the log that was asked for.
    ///
    /// @return empty where nobody trusted vouches for it, or it is of another log
    /// @throws MalformedProof where the note or its text is malformed
    public static Optional<Checkpoint> open(byte[] note, String origin, Collection<? extends Verifier> trusted) {
        return SignedNote.parse(note)
                .open(trusted)
                .map(Checkpoint::parse)
                .filter(checkpoint -> checkpoint.origin().equals(origin));
    }
}
