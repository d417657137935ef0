/// Taking effects back: what can be, planned first and then run, step by step.
@NullMarked
package dev.guardrail.server.console.undo;

import org.jspecify.annotations.NullMarked;
