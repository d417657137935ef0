/// The journal's durable home: SQLite, one writer, group commit. SQL lives here alone.
@NullMarked
package dev.guardrail.server.store;

import org.jspecify.annotations.NullMarked;
