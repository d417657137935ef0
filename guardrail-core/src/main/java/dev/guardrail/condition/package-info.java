/// CEL conditions, their functions, and their lowering to plain predicates.
@NullMarked
package dev.guardrail.condition;

import org.jspecify.annotations.NullMarked;
