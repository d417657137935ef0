package dev.guardrail.server.wiring;

import dev.guardrail.approval.ApprovalDesk;
import dev.guardrail.approval.ApproversQueue;
import dev.guardrail.approval.Canaries;
import dev.guardrail.approval.ReviewQuality;
import dev.guardrail.base.Ticker;
import dev.guardrail.call.Caller;
import dev.guardrail.journal.Journal;
import dev.guardrail.journal.Notary;
import dev.guardrail.outbox.Outbox;
import dev.guardrail.pipeline.Guard;
import dev.guardrail.pipeline.HeldCalls;
import dev.guardrail.pipeline.Pins;
import dev.guardrail.pipeline.QueuedCalls;
import dev.guardrail.pipeline.ScopedVotes;
import dev.guardrail.pipeline.Undoing;
import dev.guardrail.registry.SessionRegistry;
import dev.guardrail.server.console.KeyRing;
import dev.guardrail.server.console.ServerNames;
import dev.guardrail.server.console.health.ChannelReport;
import dev.guardrail.server.console.policies.PolicyFiles;
import dev.guardrail.server.door.AgentNames;
import dev.guardrail.server.door.IssuerSignIn;
import dev.guardrail.server.door.Policies;
import dev.guardrail.server.door.ProtectedResource;
import dev.guardrail.server.door.Readiness;
import dev.guardrail.server.door.RefusalBook;
import dev.guardrail.server.door.authzen.AuthzenSettings;
import dev.guardrail.server.door.http.DoorSettings;
import dev.guardrail.server.door.mcp.ConnectionEnd;
import dev.guardrail.server.door.mcp.McpSettings;
import dev.guardrail.server.identity.Credentials;
import dev.guardrail.server.identity.Doorkeeper;
import dev.guardrail.server.identity.Identification;
import dev.guardrail.server.identity.Neighbours;
import dev.guardrail.server.identity.Reach;
import dev.guardrail.server.relay.Relay;
import dev.guardrail.server.relay.Tracing;
import dev.guardrail.stop.KillSwitch;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.micronaut.context.annotation.Bean;
import io.micronaut.context.annotation.Factory;
import io.micronaut.context.annotation.Primary;
import io.micronaut.context.annotation.Requires;
import jakarta.inject.Singleton;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// Shows the framework what doors and filters take from the [Assembly]; nothing is made here.
@Factory
@Requires(beans = Assembly.class)
final class Beans {
    /// Version that clients are shown.
    static final String VERSION = "0.1.0";

    private final Assembly assembly;

    Beans(Assembly assembly) {
        this.assembly = assembly;
    }

    @Singleton
    Guard guard() {
        return assembly.guard();
    }

    @Singleton
    Undoing undoing() {
        return assembly.guard().undoing();
    }

    @Singleton
    HeldCalls held() {
        return assembly.guard().held();
    }

    @Singleton
    ScopedVotes scopedVotes() {
        return assembly.guard().scopedVotes();
    }

    @Singleton
    QueuedCalls queued() {
        return assembly.guard().queued();
    }

    @Singleton
    Outbox outbox() {
        return assembly.outbox();
    }

    @Singleton
    ApprovalDesk desk() {
        return assembly.desk();
    }

    @Singleton
    ApproversQueue approversQueue() {
        return new ApproversQueue(assembly.desk(), assembly.canaries());
    }

    @Singleton
    @Bean(typed = Canaries.class)
    Canaries canaries() {
        return assembly.canaries();
    }

    @Singleton
    KillSwitch kill() {
        return assembly.kill();
    }

    @Singleton
    AgentNames agents() {
        return assembly.identity().credentials()::agents;
    }

    @Singleton
    ReviewQuality reviewQuality() {
        return new ReviewQuality(assembly.journal(), assembly.identity().roll()::operators);
    }

    @Singleton
    SessionRegistry sessions() {
        return assembly.sessions();
    }

    @Singleton
    Journal journal() {
        return assembly.journal();
    }

    @Singleton
    Notary notary() {
        return assembly.notary();
    }

    @Singleton
    @Bean(typed = Pins.class)
    Pins pins() {
        return assembly.pins();
    }

    @Singleton
    Policies policies() {
        return assembly.policies()::inForce;
    }

    @Singleton
    PolicyFiles policyFiles() {
        return new ShownPolicies(assembly);
    }

    @Singleton
    ChannelReport channelReport() {
        return new ShownChannels(assembly.channels());
    }

    @Singleton
    Readiness readiness() {
        return assembly.upkeep();
    }

    @Singleton
    KeyRing keyRing() {
        Credentials credentials = assembly.identity().credentials();
        return key -> credentials.identify(key) instanceof Identification.Known(Caller owner, Reach all)
                ? Optional.of(owner)
                : Optional.empty();
    }

    @Singleton
    ServerNames serverNames() {
        return () -> List.copyOf(assembly.configuration().servers().keySet());
    }

    @Singleton
    Credentials credentials() {
        return assembly.identity().credentials();
    }

    @Singleton
    ProtectedResource.Configured resource() {
        return assembly.identity().resource();
    }

    @Singleton
    IssuerSignIn.Configured signIn() {
        return assembly.identity().signIn();
    }

    @Singleton
    Neighbours neighbours() {
        return assembly.identity().neighbours();
    }

    @Singleton
    Doorkeeper.Refusals refusals() {
        return new TurnedAway(
                assembly.measured(), refusalBook(), assembly.configuration().names());
    }

    @Singleton
    RefusalBook refusalBook() {
        return assembly.refusals()::note;
    }

    @Singleton
    PrometheusMeterRegistry meters() {
        return assembly.meters();
    }

    @Singleton
    Ticker ticker() {
        return assembly.clocks().ticker();
    }

    /// Ours, and not the framework's own.
    @Primary
    @Singleton
    InstantSource clock() {
        return assembly.clocks().wall();
    }

    @Singleton
    SecureRandom random() {
        return assembly.clocks().random();
    }

    @Singleton
    DoorSettings doorSettings() {
        var configuration = assembly.configuration();
        return DoorSettings.shipped(
                List.copyOf(configuration.names()),
                configuration.limits().message(),
                configuration.limits().arguments());
    }

    @Singleton
    AuthzenSettings authzenSettings() {
        var configuration = assembly.configuration();
        return AuthzenSettings.shipped(
                ServerRoom.callerRun(configuration),
                configuration.origins(),
                configuration.limits().message(),
                configuration.limits().arguments());
    }

    @Singleton
    ConnectionEnd connectionEnd() {
        return assembly.servers().upstreams()::release;
    }

    @Singleton
    @Bean(typed = Relay.class)
    Relay relay() {
        return assembly.traces().around((Relay) assembly.servers().upstreams());
    }

    @Singleton
    @Bean(typed = Tracing.class)
    Tracing tracing() {
        return assembly.traces();
    }

    @Singleton
    McpSettings mcpSettings() {
        var configuration = assembly.configuration();
        var callerRun = ServerRoom.callerRun(configuration);
        // What callers run themselves cannot be called here.
        var led = configuration.names().stream()
                .filter(server -> !callerRun.contains(server))
                .collect(Collectors.toUnmodifiableSet());
        var shipped = McpSettings.shipped(led, VERSION)
                .withSizes(
                        configuration.limits().message(), configuration.limits().arguments());
        return shipped.withTimes(configuration.hold(), shipped.run(), shipped.direct(), shipped.beat());
    }
}
