/// The console: pages on which people see, decide and prove, complete without script and live with it. It stands on the
/// same desk and guard as the HTTP interface does, and who comes to it has signed in.
@NullMarked
package dev.guardrail.server.console;

import org.jspecify.annotations.NullMarked;
