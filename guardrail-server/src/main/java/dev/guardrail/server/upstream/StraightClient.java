package dev.guardrail.server.upstream;

import java.net.http.HttpClient;
import java.time.Duration;
import java.util.concurrent.Executors;

/// A client that goes nowhere but where it is told: no proxy of the environment, no redirect, no cookie.
public final class StraightClient {
    private static final Duration DIAL = Duration.ofSeconds(5);

    private StraightClient() {}

    public static HttpClient open() {
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .proxy(HttpClient.Builder.NO_PROXY)
                .connectTimeout(DIAL)
                .executor(Executors.newVirtualThreadPerTaskExecutor())
                .build();
    }
}
