package dev.guardrail.server.runner.sql;

import dev.guardrail.base.JsonBoolean;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonWriter;
import dev.guardrail.call.CallId;
import dev.guardrail.call.PathFacts;
import dev.guardrail.server.runner.sql.Dialect.Fault;
import dev.guardrail.undo.Compensator;
import dev.guardrail.undo.Hindrance;
import dev.guardrail.undo.Unfit;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// Rows of a database that is not the guard's: one by its key, or those that a statement can change. Keys are found
/// once, before the statement runs; from then on the same keys are read, also where its condition finds others by
/// now.
public final class SqlRows implements Compensator {
    /// How often putting back begins anew where somebody else is at the same rows.
    private static final int TRIES = 3;

    private final String server;
    private final Dialect dialect;
    private final List<TableName> tables;

    /// @param server as hooks name it
    /// @param database where the rows are
    /// @param tables that may be touched, such as `orders` or `sales.orders`
    public SqlRows(String server, Database database, List<String> tables) {
        this(server, database.dialect(), tables);
    }

    SqlRows(String server, Dialect dialect, List<String> tables) {
        this.server = server;
        this.dialect = dialect;
        this.tables = tables.stream()
                .map(name -> TableName.of(name, dialect.isSqlite()))
                .toList();
    }

    @Override
    public JsonObject target() {
        return JsonObject.with("type", "object")
                .with(
                        "properties",
                        JsonObject.with("table", type("string"))
                                .with("key", type("object"))
                                .with("statement", type("string"))
                                .with("params", type("array"))
                                .build())
                .with("additionalProperties", JsonBoolean.of(false))
                .build();
    }

    private static JsonObject type(String name) {
        return JsonObject.with("type", name).build();
    }

    @Override
    public Look look(JsonObject target, PathFacts paths) throws IOException {
        return reading(
                (connection, wanted) -> {
                    TableName name = wanted.table(tables, dialect.isSqlite());
                    var rows = new Rows(dialect, connection, dialect.table(connection, name));
                    Reach.Keys keys = wanted.keys(rows);
                    return seen(rows.state(keys.keys(), keys.last()), rows.table());
                },
                target);
    }

    @Override
    public Look again(JsonObject target, JsonObject before, boolean left, PathFacts paths) throws IOException {
        return reading(
                (connection, wanted) -> {
                    TableName name = wanted.table(tables, dialect.isSqlite());
                    Table table = dialect.table(connection, name);
                    State old = State.of(before, table);
                    // Somebody else had a key of the same counter meanwhile: which row is whose, nobody can tell.
                    if (left && old.last().isPresent() && !last(table).equals(old.last()))
                        throw Unfit.busy("others were given keys at the same time");
                    return seen(new Rows(dialect, connection, table).state(old.keys(), old.last()), table);
                },
                target);
    }

    private static OptionalLong last(Table table) {
        return table.counter().isPresent()
                ? OptionalLong.of(table.counter().get().last())
                : OptionalLong.empty();
    }

    private Look seen(State state, Table table) throws Unfit {
        JsonObject json = state.json();
        if (JsonWriter.bytes(json).length > Rows.BYTES) throw Rows.large();
        return new Look.Seen(json, state.version(), state.touches(server, table.tied()));
    }

    /// A reading inside one transaction that changes nothing.
    private interface Reading {
        Look look(Connection connection, Wanted wanted) throws SQLException, Unfit;
    }

    private Look reading(Reading reading, JsonObject target) throws IOException {
        try (Connection connection = dialect.open(false)) {
            return reading.look(connection, Wanted.of(target, dialect.isSqlite()));
        } catch (Unfit unfit) {
            return unfit.look();
        } catch (SQLException failure) {
            return switch (dialect.fault(failure)) {
                case STATEMENT -> new Look.Unfit("the database does not understand it");
                case SLOW -> new Look.Unfit(Hindrance.TOO_LARGE, "reading its rows takes too long");
                case LARGE -> Rows.large().look();
                case BUSY, CONSTRAINT, BROKEN -> throw broken(failure);
            };
        }
    }

    /// What failed, without values of anybody's.
    private static IOException broken(SQLException failure) {
        String state = String.valueOf(failure.getSQLState());
        boolean telling = state.startsWith("08") || state.startsWith("28") || state.startsWith("3D");
        return new IOException("the database failed (" + state + ", " + failure.getErrorCode() + ")"
                + (telling ? ": " + failure.getMessage() : ""));
    }

    @Override
    public Restored restore(JsonObject target, JsonObject state, String expect, CallId by, PathFacts paths)
            throws IOException {
        boolean anew = false;
        for (int tries = 0; tries < TRIES; tries++) {
            switch (tried(target, state, expect, anew)) {
                case Tried.Over(Restored restored) -> {
                    return restored;
                }
                case Tried.Failed(Fault fault) -> {
                    if (fault == Fault.CONSTRAINT && anew)
                        return new Restored.Refused("a constraint of the database stands against it");
                    anew = anew || fault == Fault.CONSTRAINT;
                }
            }
        }
        return new Restored.Refused("others are at the same rows all the time");
    }

    /// What one try came to.
    private sealed interface Tried {
        record Over(Restored restored) implements Tried {}

        /// Nothing was done, and another try may come to something.
        record Failed(Fault fault) implements Tried {}
    }

    /// A crash in here leaves everything as it was, or all of it put back.
    private Tried tried(JsonObject target, JsonObject state, String expect, boolean anew) throws IOException {
        try (Connection connection = dialect.open(true)) {
            Optional<Restored> refused = written(connection, target, state, expect, anew);
            if (refused.isPresent()) return new Tried.Over(refused.get());
            return committed(connection);
        } catch (Unfit unfit) {
            return new Tried.Over(new Restored.Refused(unfit.why()));
        } catch (IllegalArgumentException malformed) {
            return new Tried.Over(new Restored.Refused("it is no state of these rows"));
        } catch (SQLException failure) {
            return switch (dialect.fault(failure)) {
                case BUSY -> new Tried.Failed(Fault.BUSY);
                case CONSTRAINT -> new Tried.Failed(Fault.CONSTRAINT);
                case STATEMENT -> new Tried.Over(new Restored.Refused("the database does not take it"));
                case SLOW, LARGE, BROKEN ->
                    new Tried.Over(
                            new Restored.Refused(String.valueOf(broken(failure).getMessage())));
            };
        }
    }

    /// @return what it came to where nothing is to be committed
    private Optional<Restored> written(
            Connection connection, JsonObject target, JsonObject state, String expect, boolean anew)
            throws SQLException, Unfit {
        TableName name = Wanted.of(target, dialect.isSqlite()).table(tables, dialect.isSqlite());
        Table table = dialect.table(connection, name);
        State wanted = State.of(state, table);
        var rows = new Rows(dialect, connection, table);
        State now = rows.state(wanted.keys(), wanted.last());
        if (now.equals(wanted)) return Optional.of(new Restored.Done());
        if (!now.version().equals(expect)) return Optional.of(new Restored.Changed());
        var restoration = new Restoration(rows, now, wanted);
        if (anew) restoration.anew();
        else restoration.inPlace();
        return rows.state(wanted.keys(), wanted.last()).equals(wanted)
                ? Optional.empty()
                : Optional.of(new Restored.Refused("the database would hold something else than was there"));
    }

    /// Where the answer to this is lost, nobody knows whether it was done.
    private Tried committed(Connection connection) throws IOException {
        try (var statement = connection.createStatement()) {
            statement.execute("COMMIT");
            return new Tried.Over(new Restored.Done());
        } catch (SQLException failure) {
            return switch (dialect.fault(failure)) {
                case BUSY -> new Tried.Failed(Fault.BUSY);
                case CONSTRAINT -> new Tried.Failed(Fault.CONSTRAINT);
                case STATEMENT, SLOW, LARGE, BROKEN -> throw broken(failure);
            };
        }
    }

    @Override
    public void close() {
        // Every transaction has a connection of its own.
    }
}
