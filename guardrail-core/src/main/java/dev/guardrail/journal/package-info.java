/// The append-only log, the status of calls, leases, recovery.
@NullMarked
package dev.guardrail.journal;

import org.jspecify.annotations.NullMarked;
