/// What agents are doing, session by session, and stopping it.
@NullMarked
package dev.guardrail.server.console.sessions;

import org.jspecify.annotations.NullMarked;
