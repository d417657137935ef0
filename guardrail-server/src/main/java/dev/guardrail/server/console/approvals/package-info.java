/// Held calls, as people see and decide them.
@NullMarked
package dev.guardrail.server.console.approvals;

import org.jspecify.annotations.NullMarked;
