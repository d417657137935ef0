package dev.guardrail.proof;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.guardrail.base.Sha256;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/// A file that proves offline that an entry is in a log (c2sp.org/tlog-proof), `.tlog-proof`.
///
/// @param index of the entry
/// @param path of its [InclusionProof] in the tree of the checkpoint
/// @param checkpoint signed note of that tree's head
public record TlogProof(long index, List<Sha256> path, SignedNote checkpoint) {
    private static final String HEADER = "c2sp.org/tlog-proof@v1";
    private static final int MAX_PATH = 63;

    public TlogProof {
        path = List.copyOf(path);
    }

    /// The file's bytes; [#parse] reads them.
    public byte[] bytes() {
        var text = new StringBuilder(HEADER).append("\nindex ").append(index).append('\n');
        for (Sha256 hash : path) text.append(Base64Text.encode(hash.bytes())).append('\n');
        return text.append('\n')
                .append(new String(checkpoint.bytes(), UTF_8))
                .toString()
                .getBytes(UTF_8);
    }

    /// Reads a file; its extra data, which nothing vouches for, is dropped.
    ///
    /// @throws MalformedProof where the bytes are not a proof
    public static TlogProof parse(byte[] bytes) {
        String text = new String(bytes, UTF_8);
        int split = text.indexOf("\n\n");
        if (split < 0) throw new MalformedProof("a proof has a checkpoint after an empty line");
        var lines = new ArrayList<>(List.of(text.substring(0, split).split("\n", -1)));
        if (!lines.removeFirst().equals(HEADER)) throw new MalformedProof("a proof starts with `" + HEADER + "`");
        if (!lines.isEmpty() && lines.getFirst().startsWith("extra "))
            Base64Text.decode(lines.removeFirst().substring("extra ".length()));
        if (lines.isEmpty() || !lines.getFirst().startsWith("index ") || lines.size() > MAX_PATH + 1)
            throw new MalformedProof("a proof has an index and at most " + MAX_PATH + " hashes");
        long index = DecimalText.parse(lines.removeFirst().substring("index ".length()));
        List<Sha256> path = lines.stream().map(Base64Text::hash).toList();
        return new TlogProof(
                index, path, SignedNote.parse(text.substring(split + 2).getBytes(UTF_8)));
    }

    /// The tree head that vouches for an entry.
    ///
    /// @param leaf hash of the entry
    /// @param origin of the log that the entry should be in
    /// @param trusted keys of that log, given out of band
    /// @return empty where the head is not signed by a trusted key, is of another log, or does not hold the entry
    /// @throws MalformedProof where the signed text is no checkpoint
    public Optional<Checkpoint> verify(Sha256 leaf, String origin, Collection<? extends Verifier> trusted) {
        return checkpoint
                .open(trusted)
                .map(Checkpoint::parse)
                .filter(head -> head.origin().equals(origin))
                .filter(head -> new InclusionProof(index, head.size(), path).proves(leaf, head.root()));
    }
}
