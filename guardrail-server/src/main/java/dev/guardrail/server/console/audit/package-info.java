/// The log, searched and proven.
@NullMarked
package dev.guardrail.server.console.audit;

import org.jspecify.annotations.NullMarked;
