@NullMarked
package dev.guardrail.server.notify;

import org.jspecify.annotations.NullMarked;
