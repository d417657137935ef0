/// Benchmarks of the running sidecar.
@NullMarked
package dev.guardrail.server.bench;

import org.jspecify.annotations.NullMarked;
