/// What is asked: a proposal, who makes it, the tool it names, and the canonical question made of them.
@NullMarked
package dev.guardrail.call;

import org.jspecify.annotations.NullMarked;
