/// Channels that tell people of approvals: webhooks, ntfy, Slack and mail. Telling never holds anything up, decides
/// nothing, and carries no right: whoever reads a notice still has to come in to vote.
@NullMarked
package dev.guardrail.server.notify;

import org.jspecify.annotations.NullMarked;
