/// One agent's run on one task: what the user said, what was called, what data has entered.
@NullMarked
package dev.guardrail.session;

import org.jspecify.annotations.NullMarked;
