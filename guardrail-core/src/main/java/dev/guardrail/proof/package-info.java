/// Merkle tree, checkpoints, proofs, and the audit that re-derives a log.
@NullMarked
package dev.guardrail.proof;

import org.jspecify.annotations.NullMarked;
