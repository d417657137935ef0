/// Taking calls back: what is kept of the state before them, and what is planned.
@NullMarked
package dev.guardrail.undo;

import org.jspecify.annotations.NullMarked;
