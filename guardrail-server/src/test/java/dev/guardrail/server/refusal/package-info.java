/// What a whole guard refuses of a client whose credential is good, and what it keeps of that.
@NullMarked
package dev.guardrail.server.refusal;

import org.jspecify.annotations.NullMarked;
