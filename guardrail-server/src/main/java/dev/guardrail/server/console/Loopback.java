package dev.guardrail.server.console;

import io.micronaut.http.HttpRequest;
import java.net.InetAddress;

/// Whether a request comes from this machine.
final class Loopback {
    private Loopback() {}

    static boolean is(HttpRequest<?> request) {
        InetAddress address = request.getRemoteAddress().getAddress();
        return address != null && address.isLoopbackAddress();
    }
}
