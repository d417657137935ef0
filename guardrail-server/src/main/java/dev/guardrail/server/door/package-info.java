/// What every door knows of a request before it reads it: who sent it.
@NullMarked
package dev.guardrail.server.door;

import org.jspecify.annotations.NullMarked;
