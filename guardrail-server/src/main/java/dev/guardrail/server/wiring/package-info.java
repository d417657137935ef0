/// Configuration, and the one place where everything is put together.
@NullMarked
package dev.guardrail.server.wiring;

import org.jspecify.annotations.NullMarked;
