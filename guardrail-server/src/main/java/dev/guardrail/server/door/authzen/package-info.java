/// OpenID AuthZEN: the Authorization API 1.0 and its access request profile (a draft), as questions about calls. Wire
/// to proposal, reply to wire; no policy.
@NullMarked
package dev.guardrail.server.door.authzen;

import org.jspecify.annotations.NullMarked;
