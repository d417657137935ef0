package dev.guardrail.proof;

import dev.guardrail.base.Sha256;
import java.io.IOException;
import java.util.List;

/// Home of a log's hashes, as tiles hold them (c2sp.org/tlog-tiles): the leaf hashes, and the hash of every complete
/// subtree of 256, 65 536, … leaves. They never change once they are there. Safe for concurrent use.
@FunctionalInterface
public interface HashSource {

    /// Hashes `from` (inclusive) to `to` (exclusive) of a level, in order; at most 256, of one tile.
    ///
    /// @param level 0 for leaves; a hash of level `l` covers `256^l` leaves
    /// @return as many as were asked for; fewer only where the log has not grown so far
    /// @throws IOException if the hashes cannot be read
    List<Sha256> read(int level, long from, long to) throws IOException;
}
