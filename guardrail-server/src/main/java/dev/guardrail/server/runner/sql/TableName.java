package dev.guardrail.server.runner.sql;

import java.util.Optional;

/// A table that may be touched, as it is configured: `orders`, or `sales.orders`.
///
/// @param schema `main` or `public` where nothing is said
record TableName(String text, String schema, String name) {

    /// @param sqlite whether SQLite has it; PostgreSQL otherwise
    static TableName of(String text, boolean sqlite) {
        int dot = text.indexOf('.');
        return dot < 0
                ? new TableName(text, sqlite ? "main" : "public", text)
                : new TableName(text, text.substring(0, dot), text.substring(dot + 1));
    }

    boolean isNamed(Statement.Named named, boolean sqlite) {
        Optional<Token> said = named.schema();
        return Table.isSame(named.name(), name, sqlite) && (said.isEmpty() || Table.isSame(said.get(), schema, sqlite));
    }

    String sql() {
        return Token.quoted(schema) + "." + Token.quoted(name);
    }
}
