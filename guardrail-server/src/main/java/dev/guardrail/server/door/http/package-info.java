/// The HTTP interface under `/v1`: wire to proposal, reply to wire; no policy.
@NullMarked
package dev.guardrail.server.door.http;

import org.jspecify.annotations.NullMarked;
