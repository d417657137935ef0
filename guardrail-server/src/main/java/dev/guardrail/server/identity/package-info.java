/// Who sends a request: credentials, routes that each kind opens, and the Host and Origin that are listened to.
@NullMarked
package dev.guardrail.server.identity;

import org.jspecify.annotations.NullMarked;
