/// OAuth both ways, through a whole guard: tokens that are taken, and tokens that are got.
@NullMarked
package dev.guardrail.server.oauth;

import org.jspecify.annotations.NullMarked;
