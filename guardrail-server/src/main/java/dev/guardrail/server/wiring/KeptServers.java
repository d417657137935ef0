package dev.guardrail.server.wiring;

import dev.guardrail.server.runner.Restoring;
import dev.guardrail.server.runner.sql.Database;
import dev.guardrail.server.runner.sql.SqlRows;
import dev.guardrail.server.wiring.Configuration.Secret;
import dev.guardrail.server.wiring.Configuration.Server;
import dev.guardrail.server.wiring.Configuration.Store;
import dev.guardrail.undo.Compensator;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// Makes of configured servers what undo reads beside the tools of others.
record KeptServers(Secrets secrets, Clocks clocks) {

    Map<String, Restoring> of(Configuration configuration) {
        var kept = new HashMap<String, Restoring>();
        configuration.servers().forEach((name, server) -> {
            if (server instanceof Server.Kept beside) kept.put(name, new Restoring(compensator(name, beside)));
        });
        return kept;
    }

    private Compensator compensator(String name, Server.Kept server) {
        return switch (server) {
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
