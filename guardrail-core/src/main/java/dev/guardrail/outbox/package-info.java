/// Permitted calls that wait until their delay is over, and how they are taken back.
@NullMarked
package dev.guardrail.outbox;

import org.jspecify.annotations.NullMarked;
