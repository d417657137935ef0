/// The command line: thin commands over the HTTP interface and the core.
@NullMarked
package dev.guardrail.server.cli;

import org.jspecify.annotations.NullMarked;
