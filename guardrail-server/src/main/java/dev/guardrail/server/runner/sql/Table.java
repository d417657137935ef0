package dev.guardrail.server.runner.sql;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// A table whose rows can be put back: nothing else changes with them.
///
/// @param name as it is told, such as `orders` or `sales.orders`
/// @param sql its name as the database reads it
/// @param columns that can be written
/// @param key columns of the primary key, in its order
/// @param alone true where no other columns are unique: a row takes the place of no other row than that of its key
/// @param tied true where rows depend on each other, by foreign keys or other unique columns: the order matters in
///     which they are put back
/// @param counter what gives a row its key where its statement does not
record Table(
        String name,
        String sql,
        List<Column> columns,
        List<Column> key,
        boolean alone,
        boolean tied,
        Optional<Counter> counter) {
    Table {
        columns = List.copyOf(columns);
        key = List.copyOf(key);
    }

    /// @param type as the database names it
    /// @param settable true where a row that is there can be given another value
    record Column(String name, String type, boolean settable) {
        String sql() {
            return Token.quoted(name);
        }
    }

    /// What counts keys.
    ///
    /// @param last key that the last row was given
    /// @param step from one key to the next
    record Counter(long last, long step) {}

    /// The column that a word names, as the database finds it.
    ///
    /// @param sqlite whether SQLite reads it; PostgreSQL otherwise
    Optional<Column> column(Token word, boolean sqlite) {
        return columns.stream()
                .filter(column -> isSame(word, column.name(), sqlite))
                .findFirst();
    }

    boolean isKey(Column column) {
        return key.contains(column);
    }

    /// Whether a word names a thing of that name.
    static boolean isSame(Token word, String name, boolean sqlite) {
        if (sqlite) return word.text().equalsIgnoreCase(name);
        return name.equals(
                word.kind() == Token.Kind.WORD ? word.text().toLowerCase(java.util.Locale.ROOT) : word.text());
    }

    /// The key's columns, with commas.
    String keySql() {
        return key.stream().map(Column::sql).collect(Collectors.joining(", "));
    }
}
