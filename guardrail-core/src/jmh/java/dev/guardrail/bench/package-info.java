/// Benchmarks of the core, behind the profile `bench`.
@NullMarked
package dev.guardrail.bench;

import org.jspecify.annotations.NullMarked;
