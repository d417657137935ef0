/// What everything stands on: JSON read strictly and written canonically, digests, identifiers, problem types.
@NullMarked
package dev.guardrail.base;

import org.jspecify.annotations.NullMarked;
