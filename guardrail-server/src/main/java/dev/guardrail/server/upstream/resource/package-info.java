/// Resources of HTTP servers that undo puts back.
@NullMarked
package dev.guardrail.server.upstream.resource;

import org.jspecify.annotations.NullMarked;
