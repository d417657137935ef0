package dev.guardrail.server.wiring;

import dev.guardrail.base.Printable;
import dev.guardrail.server.door.mcp.McpDoor;
import io.micronaut.context.ApplicationContext;
import io.micronaut.runtime.graceful.GracefulShutdownCapable;
import io.micronaut.runtime.server.EmbeddedServer;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A running guard: the assembly behind an HTTP server.
public final class Sidecar implements AutoCloseable {
    /// Longest that running calls are waited for at the end.
    public static final Duration DRAIN = Duration.ofSeconds(30);

    /// What a request that needs nothing but its answer is given at the end.
    private static final Duration LAST_WORDS = Duration.ofSeconds(2);

    private static final Duration BEAT = Duration.ofMillis(100);
    private static final Logger LOG = LoggerFactory.getLogger(Sidecar.class);

    private final Assembly assembly;
    private final ApplicationContext context;
    private final EmbeddedServer server;
    private boolean closed;

    private Sidecar(Assembly assembly, ApplicationContext context, EmbeddedServer server) {
        this.assembly = assembly;
        this.context = context;
        this.server = server;
    }

    /// Starts to take requests, after recovery.
    ///
    /// @throws InvalidConfiguration where it is not fit to run on, or the address cannot be listened on
    public static Sidecar start(Configuration configuration, Secrets secrets, Clocks clocks)
            throws InvalidConfiguration, IOException {
        var assembly = Assembly.of(configuration, secrets, clocks);
        ApplicationContext context = null;
        try {
            assembly.start();
            context = context(assembly);
            removeStale(configuration);
            var server = context.getBean(EmbeddedServer.class);
            server.start();
            protect(configuration);
            ToolNews.pass(
                    assembly.pins(),
                    assembly.policies(),
                    configuration.names(),
                    context.getBean(McpDoor.class)::toolsChanged);
            return new Sidecar(assembly, context, server);
        } catch (RuntimeException | IOException refused) {
            if (context != null) context.close();
            assembly.close();
            if (isTaken(refused))
                throw InvalidConfiguration.of(
                        configuration.origin().map(Object::toString).orElse("the embedded defaults"),
                        "`" + configuration.listen().host() + ":"
                                + configuration.listen().port()
                                + "` cannot be listened on; stop what listens there, or set another `listen`");
            throw refused;
        }
    }

    /// A process that was killed leaves its socket behind. Whoever has the data's lock owns the socket, too.
    private static void removeStale(Configuration configuration) throws IOException {
        var socket = configuration.listen().socket();
        if (socket.isPresent() && Files.exists(socket.get(), LinkOption.NOFOLLOW_LINKS)) {
            var attributes = Files.readAttributes(socket.get(), BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            if (attributes.isOther()) Files.delete(socket.get());
        }
    }

    private static void protect(Configuration configuration) throws IOException {
        var socket = configuration.listen().socket();
        if (socket.isPresent())
            Files.setPosixFilePermissions(socket.get(), PosixFilePermissions.fromString("rw-rw----"));
    }

    private static boolean isTaken(Throwable fault) {
        for (Throwable each = fault; each != null; each = each.getCause())
            if (each instanceof java.net.BindException) return true;
        return false;
    }

    /// The framework sees our settings and nothing of the environment, of system properties or of files.
    private static ApplicationContext context(Assembly assembly) {
        return ApplicationContext.builder()
                .deduceEnvironment(false)
                .deduceCloudEnvironment(false)
                .bootstrapEnvironment(false)
                .enableDefaultPropertySources(false)
                .banner(false)
                .properties(properties(assembly.configuration()))
                .singletons(assembly)
                .start();
    }

    private static Map<String, Object> properties(Configuration configuration) {
        var listen = configuration.listen();
        var properties = new HashMap<String, Object>();
        properties.put("micronaut.application.name", "guardrail");
        properties.put("micronaut.server.host", listen.host());
        properties.put("micronaut.server.port", listen.port() == 0 ? -1 : listen.port());
        // What is a little too large is read, so that its sender is told; what is larger by far is cut off.
        long most = 2L * configuration.limits().message();
        properties.put("micronaut.server.max-request-size", most);
        properties.put("micronaut.server.max-request-buffer-size", most);
        // Which origins may speak is looked at by our own filter, on every route.
        properties.put("micronaut.server.cors.localhost-pass-through", true);
        properties.put("micronaut.server.idle-timeout", "2m");
        listen.socket().ifPresent(socket -> {
            properties.put("micronaut.server.netty.listeners.socket.family", "UNIX");
            properties.put("micronaut.server.netty.listeners.socket.path", socket.toString());
        });
        listen.tls().ifPresent(tls -> {
            properties.put(
                    "micronaut.certificate.file.guardrail.path", tls.key().toString());
            properties.put(
                    "micronaut.certificate.file.guardrail.certificate-path",
                    tls.certificate().toString());
            properties.put("micronaut.certificate.file.guardrail.format", "PEM");
            properties.put("micronaut.server.ssl.enabled", true);
            properties.put("micronaut.server.ssl.key-name", "guardrail");
            properties.put("micronaut.server.ssl.port", listen.port() == 0 ? -1 : listen.port());
        });
        return properties;
    }

    /// Where it is reached.
    public URI url() {
        return assembly.configuration()
                .listen()
                .socket()
                .map(socket -> URI.create("unix:" + socket.toUri().getRawPath()))
                .orElseGet(server::getURI);
    }

    /// The framework's side of it, for tests that walk it.
    ApplicationContext context() {
        return context;
    }

    public Assembly assembly() {
        return assembly;
    }

    /// Takes no more requests, waits for running calls no longer than [#DRAIN], then ends. Held calls stay, durably.
    @Override
    public synchronized void close() throws IOException {
        if (closed) return;
        closed = true;
        assembly.upkeep().drain();
        // Whoever waits for people is told that the call is pending, and comes back to the next process.
        assembly.desk().close();
        assembly.outbox().close();
        if (server instanceof GracefulShutdownCapable graceful) await(graceful);
        context.close();
        assembly.close();
    }

    /// Until every request is answered; a stream on which somebody merely listens is not waited for once nothing runs.
    private void await(GracefulShutdownCapable graceful) {
        var answered = graceful.shutdownGracefully().toCompletableFuture();
        long begin = assembly.clocks().ticker().nanos();
        try {
            while (!isOver(assembly.clocks().ticker().nanos() - begin)) {
                if (isDone(answered)) return;
            }
        } catch (InterruptedException hurried) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException broken) {
            LOG.warn("not every connection could be closed politely: {}", Printable.trace(broken));
        }
    }

    /// Calls that run longer are in doubt from here on; the next start says so.
    private boolean isOver(long waitedNanos) {
        boolean idle = waitedNanos > LAST_WORDS.toNanos() && assembly.guard().runningCount() == 0;
        return idle || waitedNanos > DRAIN.toNanos();
    }

    /// True where everything is answered; else after a moment.
    private static boolean isDone(CompletableFuture<?> answered) throws InterruptedException, ExecutionException {
        try {
            answered.get(BEAT.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException goesOn) {
            return false;
        }
    }
}
