/// Planted room with a violation for the house rules to find.
@NullMarked
package dev.guardrail.planted.stop;

import org.jspecify.annotations.NullMarked;
