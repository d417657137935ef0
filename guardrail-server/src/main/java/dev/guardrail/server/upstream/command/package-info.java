/// States that programs of the operator's read and put back.
@NullMarked
package dev.guardrail.server.upstream.command;

import org.jspecify.annotations.NullMarked;
