/// Whether the guard itself is well.
@NullMarked
package dev.guardrail.server.console.health;

import org.jspecify.annotations.NullMarked;
