package dev.guardrail.server.runner.sql;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A database with a few tables, which somebody changes beside the guard.
final class Shop implements AutoCloseable {
    private final Connection connection;
    private final List<String> dumps;

    /// @param dumps queries whose answers are all that is in it
    Shop(String url, List<String> dumps) throws SQLException {
        this.connection = DriverManager.getConnection(url);
        this.dumps = dumps;
    }

    /// Runs statements as somebody else.
    void run(String... statements) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String text : statements) statement.execute(text);
        }
    }

    /// Runs a statement as a tool does, which may fail.
    boolean tries(String text) {
        try {
            run(text);
            return true;
        } catch (SQLException refused) {
            return false;
        }
    }

    Optional<String> value(String query) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            return row.next() ? Optional.ofNullable(row.getString(1)) : Optional.empty();
        }
    }

    /// Every row of every table, as text.
    List<String> dump() throws SQLException {
        var lines = new ArrayList<String>();
        for (String query : dumps)
            try (Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery(query)) {
                while (row.next()) lines.add(row.getString(1));
            }
        return lines;
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
