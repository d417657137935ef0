/// Requests in their traces, through a whole guard.
@org.jspecify.annotations.NullMarked
package dev.guardrail.server.trace;
