/// The AuthZEN door behind a real socket.
@NullMarked
package dev.guardrail.server.door.authzen;

import org.jspecify.annotations.NullMarked;
