/// Merkle tree, checkpoints, proofs, and the audit that re-derives a log.
///
/// It has more public types than other rooms: each form that others can read (note, checkpoint, key, tile,
/// bundle, proof) is one, and the auditor stands beside them, so that whoever verifies a log needs this room
/// and `base` alone.
@NullMarked
package dev.guardrail.proof;

import org.jspecify.annotations.NullMarked;
