/// Who is at work: sessions and their tokens, kept in the journal.
@NullMarked
package dev.guardrail.registry;

import org.jspecify.annotations.NullMarked;
