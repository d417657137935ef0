package dev.guardrail.server.wiring;

import dev.guardrail.approval.ApprovalDesk;
import dev.guardrail.approval.Canaries;
import dev.guardrail.base.JsonObject;
import dev.guardrail.call.ToolDefinition;
import dev.guardrail.journal.AesSeal;
import dev.guardrail.journal.HeadRefused;
import dev.guardrail.journal.Journal;
import dev.guardrail.journal.Notary;
import dev.guardrail.journal.Recovery;
import dev.guardrail.journal.RefusalLog;
import dev.guardrail.journal.Store;
import dev.guardrail.outbox.Outbox;
import dev.guardrail.pack.Diagnostic;
import dev.guardrail.pipeline.GuardedPath;
import dev.guardrail.pipeline.Pins;
import dev.guardrail.pipeline.Runner;
import dev.guardrail.registry.SessionRegistry;
import dev.guardrail.server.notify.Channels;
import dev.guardrail.server.notify.Herald;
import dev.guardrail.server.notify.StopHerald;
import dev.guardrail.server.observe.ApprovalMeters;
import dev.guardrail.server.observe.Measured;
import dev.guardrail.server.observe.OtlpExport;
import dev.guardrail.server.observe.StopMeters;
import dev.guardrail.server.observe.TimedStore;
import dev.guardrail.server.observe.Traces;
import dev.guardrail.server.sheet.ApprovalJson;
import dev.guardrail.server.store.SqliteStore;
import dev.guardrail.server.store.UnusableData;
import dev.guardrail.server.upstream.Backoff;
import dev.guardrail.stop.KillSwitch;
import dev.guardrail.stop.Stops;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The whole guard, put together by hand, bottom first: store, journal, sessions, approvals, policies, servers, path.
/// Nothing is found by scanning; what follows is all there is.
///
/// Longer than other classes: it is the one list of everything.
public final class Assembly implements AutoCloseable {
    private final Configuration configuration;
    private final Clocks clocks;
    private final PrometheusMeterRegistry meters = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final Measured measured = new Measured(meters);
    private final Store store;
    private final Journal journal;
    private final Notary notary;
    private final RefusalLog refusals;
    private final SessionRegistry sessions;
    private final IdentityRoom identity;
    private final ApprovalDesk desk;
    private final Canaries canaries;
    private final OutboxRoom outbox;
    private final PolicyShelf policies;
    private final Pins pins;
    private final ServerRoom servers;
    private final Optional<OtlpExport> export;
    private final Traces traces;
    private final GuardedPath guard;
    private final KillSwitch kill;
    private final Channels channels;
    private final Upkeep upkeep;
    private volatile @Nullable PolicyWatch watch;
    private @Nullable ConditionCheck conditions;

    /// Opens the data, loads the policies and settles what the last run left. Nothing is accepted yet.
    ///
    /// @throws InvalidConfiguration where configuration, policies, keys or data are not fit to run on
    /// @throws IOException where the data cannot be read or written
    public static Assembly of(Configuration configuration, Secrets secrets, Clocks clocks)
            throws InvalidConfiguration, IOException {
        Store store;
        try {
            store = SqliteStore.open(configuration.data(), clocks.ticker());
        } catch (UnusableData unusable) {
            throw InvalidConfiguration.of(configuration.data().toString(), String.valueOf(unusable.getMessage()));
        }
        try {
            return new Assembly(configuration, secrets, clocks, store);
        } catch (InvalidConfiguration | IOException | RuntimeException refused) {
            store.close();
            throw refused;
        }
    }

    /// Long, because it is the one list of everything, in the order in which one thing stands on another.
    private Assembly(Configuration configuration, Secrets secrets, Clocks clocks, Store opened)
            throws InvalidConfiguration, IOException {
        this.configuration = configuration;
        this.clocks = clocks;
        store = new TimedStore(opened, meters);
        var keys = new KeyFiles(configuration.data(), configuration.signingKey(), clocks.random());
        boolean fresh = store.size() == 0;
        journal = new Journal(store, new AesSeal(keys.bodyKey(fresh), clocks.random()), clocks.wall(), clocks.ticker());
        notary = notary(keys, fresh);
        refusals = new RefusalLog(journal);
        sessions = new SessionRegistry(journal, clocks.ids(), clocks.random());
        identity = IdentityRoom.open(configuration, secrets, clocks, sessions);
        desk = new ApprovalDesk(journal, clocks.ids(), identity.roll()::operators, configuration.pending());
        outbox = new OutboxRoom(journal);
        policies = new PolicyShelf(configuration, StarterPolicy::sources, ServerRoom.callerRun(configuration));
        pins = new Pins(journal, policies.overlay());
        policies.onCatalogue(catalogue -> fixCallerRun());
        servers = ServerRoom.open(
                configuration, secrets, clocks, pins, identity.mask(), desk.grants(), policies::profile);
        activate();
        export = configuration.telemetry().map(url -> new OtlpExport(url, Beans.VERSION, clocks.ticker(), meters));
        traces = Traces.of(clocks.random(), clocks.wall(), clocks.ticker(), ServerRoom.piped(configuration), export);
        var stops = new Stops(journal, clocks.ids());
        guard = new GuardedPath(new GuardedPath.Parts(
                journal,
                clocks.ids(),
                sessions,
                desk,
                stops,
                outbox.outbox(),
                policies::inForce,
                pins,
                identity.agents(),
                servers.schemas(),
                servers.paths(),
                identity.mask(),
                traces.around((Runner) servers.upstreams()),
                servers.upstreams(),
                servers.upstreams(),
                new Backoff(),
                measured,
                traces.around(measured)));
        kill = new KillSwitch(journal, stops, desk, outbox.outbox(), sessions, guard);
        channels = ChannelRoom.open(
                configuration, secrets, clocks, notary.verifier().name(), meters);
        var herald = new Herald(
                new ApprovalJson(journal, desk, pins::find),
                channels,
                clocks.wall(),
                ChannelRoom.console(configuration));
        desk.listen(herald);
        canaries = CanaryRoom.open(configuration, clocks, journal, identity.roll()::operators, pins, meters);
        canaries.listen(herald);
        kill.listen(new StopHerald(channels, kill::reason));
        upkeep = new Upkeep(this);
        ApprovalMeters.bind(journal, desk, meters);
        StopMeters.bind(kill, meters);
        FunctionCounter.builder("guardrail.refusals.unjournaled", refusals, RefusalLog::missed)
                .description("Times that refusals could not be journaled")
                .register(meters);
        QuarantineLog.keep(pins, configuration.names(), meters);
    }

    private Notary notary(KeyFiles keys, boolean fresh) throws IOException, InvalidConfiguration {
        try {
            Optional<String> named = Notary.key(journal);
            return Notary.open(
                    journal, keys.heads(), named.isPresent() ? keys.signer(named.get()) : keys.signer(fresh));
        } catch (HeadRefused refused) {
            throw InvalidConfiguration.of(configuration.data().toString(), String.valueOf(refused.getMessage()));
        }
    }

    private void activate() throws InvalidConfiguration, IOException {
        if (reload() instanceof PolicyShelf.Reload.Rejected(var findings)) {
            servers.close();
            throw new InvalidConfiguration(findings);
        }
    }

    /// Reads the policies again; what is broken changes nothing.
    PolicyShelf.Reload reload() {
        var reload = policies.load(journal, pinned());
        if (reload instanceof PolicyShelf.Reload.Activated)
            measured.inForce(policies.inForce().policies().version());
        return reload;
    }

    private List<ToolDefinition> pinned() {
        return configuration.names().stream()
                .flatMap(server -> Stream.concat(pins.list(server).stream(), pins.undoing(server).stream()))
                .toList();
    }

    /// True while changes of the policies' files are noticed late.
    boolean isWatchLost() {
        PolicyWatch watching = watch;
        return watching != null && watching.isLost();
    }

    /// What is wrong with the policies in force, as the tools are now.
    List<Diagnostic> findings() {
        ConditionCheck checking = conditions;
        return checking == null ? List.of() : checking.found();
    }

    /// Tools that callers run are described by the catalogue alone.
    private void fixCallerRun() {
        for (String server : ServerRoom.callerRun(configuration)) {
            List<JsonObject> definitions = policies.definitions(server);
            pins.fix(server, definitions);
        }
    }

    /// Settles what the last run left, and keeps the journal in order from here on. Called before anything is accepted.
    void start() throws IOException {
        new Recovery(journal).start();
        desk.start();
        canaries.start();
        kill.keep();
        upkeep.start();
        servers.start();
        outbox.start(guard);
        conditions = ConditionCheck.start(pins, policies, this::pinned, meters);
        watch = PolicyWatch.start(this);
    }

    public Configuration configuration() {
        return configuration;
    }

    public Clocks clocks() {
        return clocks;
    }

    public PrometheusMeterRegistry meters() {
        return meters;
    }

    public Measured measured() {
        return measured;
    }

    public Journal journal() {
        return journal;
    }

    public Notary notary() {
        return notary;
    }

    RefusalLog refusals() {
        return refusals;
    }

    public SessionRegistry sessions() {
        return sessions;
    }

    IdentityRoom identity() {
        return identity;
    }

    public ApprovalDesk desk() {
        return desk;
    }

    /// Requests that test approvers.
    Canaries canaries() {
        return canaries;
    }

    /// Where permitted calls wait for their time.
    public Outbox outbox() {
        return outbox.outbox();
    }

    public PolicyShelf policies() {
        return policies;
    }

    public Pins pins() {
        return pins;
    }

    ServerRoom servers() {
        return servers;
    }

    public GuardedPath guard() {
        return guard;
    }

    public KillSwitch kill() {
        return kill;
    }

    Traces traces() {
        return traces;
    }

    /// What people are told through.
    public Channels channels() {
        return channels;
    }

    Upkeep upkeep() {
        return upkeep;
    }

    /// Ends everything; what is held or in doubt stays so, durably.
    @Override
    public void close() throws IOException {
        try (store) {
            PolicyWatch watching = watch;
            if (watching != null) watching.close();
            ConditionCheck checking = conditions;
            if (checking != null) checking.close();
            upkeep.close();
            outbox.close();
            desk.close();
            canaries.close();
            servers.close();
            identity.close();
            guard.close();
            channels.close();
            refusals.settleAll();
            export.ifPresent(OtlpExport::close);
            upkeep.signLast();
        }
    }
}
