/// Refusals and faults as RFC 9457 problems.
@NullMarked
package dev.guardrail.server.problem;

import org.jspecify.annotations.NullMarked;
