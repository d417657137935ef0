/// The kill switch: what operators have stopped, and what a stop takes back.
@NullMarked
package dev.guardrail.stop;

import org.jspecify.annotations.NullMarked;
