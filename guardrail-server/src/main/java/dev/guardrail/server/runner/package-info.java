/// What runs or is looked at on this host: the built-in workspace, path facts, schemas.
@NullMarked
package dev.guardrail.server.runner;

import org.jspecify.annotations.NullMarked;
