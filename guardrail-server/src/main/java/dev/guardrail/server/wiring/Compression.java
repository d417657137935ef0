package dev.guardrail.server.wiring;

import io.micronaut.context.annotation.Replaces;
import io.micronaut.http.server.netty.HttpCompressionStrategy;
import io.netty.handler.codec.http.HttpResponse;
import jakarta.inject.Singleton;

/// None: events must reach their reader as they are written, and what is secret must not show in how well it packs.
@Singleton
@Replaces(HttpCompressionStrategy.class)
final class Compression implements HttpCompressionStrategy {

    @Override
    public boolean isEnabled() {
        return false;
    }

    @Override
    public boolean shouldCompress(HttpResponse response) {
        return false;
    }

    @Override
    public int getMaxZstdEncodeSize() {
        return 0;
    }
}
