/// Tickets, votes, quorum and grants.
@NullMarked
package dev.guardrail.approval;

import org.jspecify.annotations.NullMarked;
