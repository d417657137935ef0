/// Putting a git repository back as it was: refs, index, and work tree.
@NullMarked
package dev.guardrail.server.runner.git;

import org.jspecify.annotations.NullMarked;
