/// Rows of databases that are not the guard's: read beside the tool that changes them, and put back.
@NullMarked
package dev.guardrail.server.runner.sql;

import org.jspecify.annotations.NullMarked;
