/// Confinement: what a process may read, write, reach and use, and the contract of whatever holds it to that.
@NullMarked
package dev.guardrail.sandbox;

import org.jspecify.annotations.NullMarked;
