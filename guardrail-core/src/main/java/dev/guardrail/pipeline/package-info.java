/// The path of a call: stages and the guard.
@NullMarked
package dev.guardrail.pipeline;

import org.jspecify.annotations.NullMarked;
