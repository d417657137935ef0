/// Hostile inputs against a whole guard.
@NullMarked
package dev.guardrail.server.corpus;

import org.jspecify.annotations.NullMarked;
