package dev.guardrail.server.wiring;

import dev.guardrail.approval.GrantBook;
import dev.guardrail.call.Confinement;
import dev.guardrail.call.ToolName;
import dev.guardrail.pipeline.Looks;
import dev.guardrail.pipeline.Paths;
import dev.guardrail.pipeline.Pins;
import dev.guardrail.pipeline.Schemas;
import dev.guardrail.sandbox.Profile;
import dev.guardrail.server.identity.SecretMask;
import dev.guardrail.server.runner.HostPaths;
import dev.guardrail.server.runner.JsonSchemas;
import dev.guardrail.server.runner.PlanTool;
import dev.guardrail.server.runner.Restoring;
import dev.guardrail.server.runner.Workspace;
import dev.guardrail.server.runner.WorkspaceTools;
import dev.guardrail.server.upstream.Bounds;
import dev.guardrail.server.upstream.Endpoint;
import dev.guardrail.server.upstream.OwnServer;
import dev.guardrail.server.upstream.Upstreams;
import dev.guardrail.server.wiring.Configuration.Server;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The servers that calls run on: upstreams and those of ours, as configured.
final class ServerRoom implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ServerRoom.class);
    private static final Duration LISTING = Duration.ofSeconds(20);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);

    private final Upstreams upstreams;
    private final List<Closeable> own;
    private final Paths paths;
    private final Schemas schemas;
    private final Set<String> names;
    private volatile boolean closed;

    private ServerRoom(
            Upstreams upstreams, Collection<? extends Closeable> own, Paths paths, Schemas schemas, Set<String> names) {
        this.upstreams = upstreams;
        this.own = List.copyOf(own);
        this.paths = paths;
        this.schemas = schemas;
        this.names = Set.copyOf(names);
    }

    /// @param profiles sandbox profiles in force, each as a call was decided with it
    /// @throws InvalidConfiguration where a workspace cannot be confined on this system
    static ServerRoom open(
            Configuration configuration,
            Secrets secrets,
            Clocks clocks,
            Pins pins,
            SecretMask mask,
            GrantBook grants,
            Function<Confinement, Optional<Profile>> profiles)
            throws InvalidConfiguration {
        Map<String, Endpoint> endpoints = new HashMap<>();
        var sources = new CredentialSources(secrets, clocks, mask);
        configuration
                .servers()
                .forEach((name, server) ->
                        endpoint(server, sources).ifPresent(endpoint -> endpoints.put(name, endpoint)));
        Map<String, Workspace> workspaces = workspaces(configuration, clocks, profiles);
        workspaces.forEach((name, workspace) -> pins.fix(name, workspace.definitions()));
        Map<String, Restoring> kept = new KeptServers(secrets, sources, clocks).of(configuration);
        kept.forEach((name, restoring) -> pins.fix(name, restoring.definitions()));
        pins.fix(ToolName.GUARD, PlanTool.definitions());
        var own = new ArrayList<OwnServer>();
        workspaces.forEach((name, workspace) -> own.add(
                new OwnServer(name, Beans.VERSION, WorkspaceTools.definitions(), workspace, workspace, workspace)));
        kept.forEach((name, restoring) -> own.add(new OwnServer(name, Beans.VERSION, List.of(), restoring, restoring)));
        own.add(new OwnServer(
                ToolName.GUARD, Beans.VERSION, PlanTool.definitions(), new PlanTool(grants), Looks.NOWHERE));
        var upstreams = new Upstreams(
                endpoints,
                own,
                Bounds.DEFAULT.withResultBytes(configuration.limits().result()),
                pins::seen,
                clocks.ticker(),
                clocks.random());
        return new ServerRoom(
                upstreams,
                Stream.concat(workspaces.values().stream(), kept.values().stream())
                        .toList(),
                new HostPaths(roots(configuration)),
                new JsonSchemas(),
                endpoints.keySet());
    }

    private static Map<String, Workspace> workspaces(
            Configuration configuration, Clocks clocks, Function<Confinement, Optional<Profile>> profiles)
            throws InvalidConfiguration {
        Map<String, Workspace> workspaces = new HashMap<>();
        if (configuration.servers().values().stream().noneMatch(server -> server instanceof Server.Workspace))
            return workspaces;
        var shells = Shells.open(configuration, clocks, profiles);
        for (var entry : configuration.servers().entrySet()) {
            if (!(entry.getValue() instanceof Server.Workspace(Path root))) continue;
            try {
                Files.createDirectories(root);
                workspaces.put(
                        entry.getKey(),
                        new Workspace(root, configuration.limits().result(), clocks.random(), shells.of(root)));
            } catch (IOException unusable) {
                throw InvalidConfiguration.of(
                        configuration.origin().map(Path::toString).orElse("the embedded defaults"),
                        "`" + root + "` cannot be the workspace of `" + entry.getKey() + "`: it is no directory that"
                                + " the guard's user can open");
            }
        }
        return workspaces;
    }

    /// Roots that servers share with this host, by name.
    private static Map<String, Path> roots(Configuration configuration) {
        Map<String, Path> roots = new HashMap<>();
        configuration.servers().forEach((name, server) -> root(server).ifPresent(root -> roots.put(name, root)));
        return roots;
    }

    private static Optional<Path> root(Server server) {
        return switch (server) {
            case Server.Http http -> http.root();
            case Server.Stdio stdio -> stdio.root();
            case Server.Workspace(Path root) -> Optional.of(root);
            case Server.Git(Path root) -> Optional.of(root);
            case Server.Command command -> Optional.empty();
            case Server.Java java -> Optional.empty();
            case Server.Rows rows -> Optional.empty();
            case Server.Resources resources -> Optional.empty();
            case Server.CallerRun none -> Optional.empty();
        };
    }

    private static Optional<Endpoint> endpoint(Server server, CredentialSources sources) {
        return switch (server) {
            case Server.Http(var url, var credential, var root) ->
                Optional.of(new Endpoint.Http(url, credential.map(sources::of)));
            case Server.Stdio(var command, var environment, var root) ->
                Optional.of(new Endpoint.Stdio(command, environment, Optional.<Path>empty()));
            case Server.Workspace workspace -> Optional.empty();
            case Server.Kept beside -> Optional.empty();
            case Server.CallerRun none -> Optional.empty();
        };
    }

    /// Names of the servers whose tools callers run themselves.
    static Set<String> callerRun(Configuration configuration) {
        return configuration.servers().entrySet().stream()
                .filter(entry -> entry.getValue() instanceof Server.CallerRun)
                .map(Map.Entry::getKey)
                .collect(Collectors.toUnmodifiableSet());
    }

    /// The upstreams by name, and whether each is a process of ours.
    static Map<String, Boolean> piped(Configuration configuration) {
        Map<String, Boolean> piped = new HashMap<>();
        configuration.servers().forEach((name, server) -> {
            switch (server) {
                case Server.Http http -> piped.put(name, false);
                case Server.Stdio stdio -> piped.put(name, true);
                case Server.Workspace ours -> {}
                case Server.Kept ours -> {}
                case Server.CallerRun none -> {}
            }
        });
        return piped;
    }

    /// Lists every upstream's tools in the background; one that fails is tried again until it answers.
    void start() {
        for (String name : names)
            Thread.ofVirtual().name("guardrail-" + name + "-first-listing").start(() -> listUntilItAnswers(name));
    }

    private void listUntilItAnswers(String server) {
        Duration pause = Duration.ofSeconds(1);
        while (!closed) {
            Optional<String> wrong = upstreams.refresh(server, LISTING);
            if (wrong.isEmpty()) return;
            LOG.warn("the tools of `{}` are not known yet: {}", server, wrong.get());
            try {
                Thread.sleep(pause);
            } catch (InterruptedException stopped) {
                return;
            }
            pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause.multipliedBy(2);
        }
    }

    Upstreams upstreams() {
        return upstreams;
    }

    Paths paths() {
        return paths;
    }

    Schemas schemas() {
        return schemas;
    }

    @Override
    public void close() throws IOException {
        closed = true;
        upstreams.close();
        for (Closeable each : own) each.close();
    }
}
