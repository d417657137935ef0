/// The door for MCP clients of the 2025-11-25 era over Streamable HTTP: own JSON-RPC, parsed once and strictly,
/// tool calls turned into proposals and replies into tool results. No policy lives here.
@NullMarked
package dev.guardrail.server.door.mcp;

import org.jspecify.annotations.NullMarked;
