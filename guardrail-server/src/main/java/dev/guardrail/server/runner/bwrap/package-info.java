/// Commands under bubblewrap: namespaces, a filter of system calls, and limits.
@NullMarked
package dev.guardrail.server.runner.bwrap;

import org.jspecify.annotations.NullMarked;
