/// What operators take back: grants that are remembered, and everything that is stopped.
@NullMarked
package dev.guardrail.server.console.control;

import org.jspecify.annotations.NullMarked;
