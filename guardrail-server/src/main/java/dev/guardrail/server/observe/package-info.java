/// Counts, times and logs what happened; never arguments or secrets.
@NullMarked
package dev.guardrail.server.observe;

import org.jspecify.annotations.NullMarked;
