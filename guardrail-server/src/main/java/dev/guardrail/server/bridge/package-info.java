/// The bridge for hosts that only start MCP servers as processes: their lines on one side, a running sidecar on the
/// other. It judges nothing; it is quick to start and needs little of this program.
@NullMarked
package dev.guardrail.server.bridge;

import org.jspecify.annotations.NullMarked;
