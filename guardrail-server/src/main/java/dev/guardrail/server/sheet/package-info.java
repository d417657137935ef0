/// A held call as people read it, wherever they do: over HTTP, in a notification, on a terminal, on a page. What others
/// wrote is shown so that nothing in it hides, moves or poses as ours.
@NullMarked
package dev.guardrail.server.sheet;

import org.jspecify.annotations.NullMarked;
