package dev.guardrail.server.runner.sql;

import java.util.List;
import java.util.Optional;

/// One statement that changes rows of one table.
sealed interface Statement {

    Named table();

    /// A table as a statement names it.
    record Named(Optional<Token> schema, Token name) {}

    /// @param columns that values are given for; all of the table where it is empty
    /// @param rows expressions by row and column
    /// @param defaults true for `DEFAULT VALUES`: one row of which nothing is given
    record Insert(Named table, List<Token> columns, List<List<List<Token>>> rows, boolean defaults, Clash clash)
            implements Statement {}

    /// @param assignments expressions by column, in their order
    /// @param where nothing where every row is meant
    record Update(Named table, Optional<Token> alias, List<Assignment> assignments, List<Token> where)
            implements Statement {}

    record Delete(Named table, Optional<Token> alias, List<Token> where) implements Statement {}

    record Assignment(Token column, List<Token> expression) {}

    /// What an insert does with a row that is there already.
    sealed interface Clash {
        /// It fails.
        record Fail() implements Clash {}

        /// It leaves that row.
        record Ignore() implements Clash {}

        /// It takes the place of that row.
        record Replace() implements Clash {}

        /// It changes that row.
        record Change(List<Token> on, List<Assignment> assignments, List<Token> where) implements Clash {}
    }
}
