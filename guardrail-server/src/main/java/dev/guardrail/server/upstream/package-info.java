/// Clients of the real MCP servers, over Streamable HTTP and stdio, on plain JSON-RPC.
@NullMarked
package dev.guardrail.server.upstream;

import org.jspecify.annotations.NullMarked;
