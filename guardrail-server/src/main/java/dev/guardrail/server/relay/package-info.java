/// What the MCP door and the upstreams tell each other about a conversation that passes through: both sides of the
/// relay see this room, and neither sees the other.
@NullMarked
package dev.guardrail.server.relay;

import org.jspecify.annotations.NullMarked;
