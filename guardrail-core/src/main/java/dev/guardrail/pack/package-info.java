/// Policies as files: read, checked, tested.
@NullMarked
package dev.guardrail.pack;

import org.jspecify.annotations.NullMarked;
