/// The policies in force, and what each rule decided lately.
@NullMarked
package dev.guardrail.server.console.policies;

import org.jspecify.annotations.NullMarked;
