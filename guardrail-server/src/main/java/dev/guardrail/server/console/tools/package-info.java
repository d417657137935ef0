/// The pinned catalogue, what changed in it, and which rule governs what.
@NullMarked
package dev.guardrail.server.console.tools;

import org.jspecify.annotations.NullMarked;
