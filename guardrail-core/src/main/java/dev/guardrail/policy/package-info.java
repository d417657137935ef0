/// Rules and the decision over them. Pure: no clock, no I/O.
@NullMarked
package dev.guardrail.policy;

import org.jspecify.annotations.NullMarked;
