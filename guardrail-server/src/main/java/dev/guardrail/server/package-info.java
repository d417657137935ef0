/// The sidecar: doors that turn wires into proposals, adapters that reach stores and upstreams,
/// and the wiring that joins them to the core.
@NullMarked
package dev.guardrail.server;

import org.jspecify.annotations.NullMarked;
