package dev.guardrail.server.wiring;

import dev.guardrail.base.JsonObject;
import dev.guardrail.server.runner.Restoring;
import dev.guardrail.server.runner.git.Repositories;
import dev.guardrail.server.runner.sql.Database;
import dev.guardrail.server.runner.sql.SqlRows;
import dev.guardrail.server.upstream.Endpoint;
import dev.guardrail.server.upstream.command.CommandStates;
import dev.guardrail.server.upstream.resource.HttpResources;
import dev.guardrail.server.wiring.Configuration.Secret;
import dev.guardrail.server.wiring.Configuration.Server;
import dev.guardrail.server.wiring.Configuration.Store;
import dev.guardrail.undo.Compensator;
import dev.guardrail.undo.Verified;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// Makes of configured servers what undo reads beside the tools of others.
record KeptServers(Secrets secrets, CredentialSources sources, Clocks clocks) {

    /// @return by the server's name
    /// @throws InvalidConfiguration where what one is about is not there
    Map<String, Restoring> of(Configuration configuration) throws InvalidConfiguration {
        String file = configuration.origin().map(Path::toString).orElse("the embedded defaults");
        var kept = new HashMap<String, Restoring>();
        for (var entry : configuration.servers().entrySet()) {
            if (!(entry.getValue() instanceof Server.Kept beside)) continue;
            try {
                kept.put(entry.getKey(), new Restoring(compensator(entry.getKey(), beside, file)));
            } catch (IOException unusable) {
                throw InvalidConfiguration.of(
                        file,
                        "what `" + entry.getKey() + "` puts back is not there, or the guard's user cannot open it");
            }
        }
        return kept;
    }

    /// A class of the operator's, with the jars that it lies in.
    private static Compensator opened(Server.Java server, String file) throws IOException, InvalidConfiguration {
        var jars = CompensatorJars.open(server.jars());
        try {
            return new Verified(jars.open(server.provider(), server.settings()), jars);
        } catch (CompensatorJars.Unusable unusable) {
            jars.close();
            throw InvalidConfiguration.at(file, server.place(), "no-provider", unusable.sentence());
        }
    }

    private Compensator compensator(String name, Server.Kept server, String file)
            throws IOException, InvalidConfiguration {
        return switch (server) {
            case Server.Command(var command, var environment, JsonObject target) ->
                new Verified(
                        new CommandStates(
                                name,
                                new Endpoint.Stdio(command, environment, Optional.of(NamedFiles.START)),
                                target,
                                clocks.ticker()),
                        () -> {});
            case Server.Java java -> opened(java, file);
            case Server.Git(Path root) ->
                new Repositories(
                        root, Optional.ofNullable(System.getenv("PATH")).orElse(""), clocks.random());
            case Server.Resources(URI base, var credential) ->
                new HttpResources(name, base, credential.map(sources::of), clocks.random());
            case Server.Rows(Store store, var tables) -> new SqlRows(name, database(store), tables);
        };
    }

    private Database database(Store store) {
        return switch (store) {
            case Store.Sqlite(Path file) -> new Database.File(file, clocks.ticker());
            case Store.Postgres(String url, Optional<String> user, Optional<Secret> password) ->
                new Database.Server(url, user, () -> password.map(secrets::read));
        };
    }
}
