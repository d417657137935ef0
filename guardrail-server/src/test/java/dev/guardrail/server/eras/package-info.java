/// Both eras of MCP through a whole guard: played servers on one side, bare sockets on the other.
@NullMarked
package dev.guardrail.server.eras;

import org.jspecify.annotations.NullMarked;
