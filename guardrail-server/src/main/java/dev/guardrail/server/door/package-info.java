/// What every door knows: who sent a request, and what the operator configured that doors have to name.
@NullMarked
package dev.guardrail.server.door;

import org.jspecify.annotations.NullMarked;
