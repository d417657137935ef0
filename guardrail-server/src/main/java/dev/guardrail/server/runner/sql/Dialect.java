package dev.guardrail.server.runner.sql;

import dev.guardrail.base.Json;
import dev.guardrail.server.runner.sql.Table.Column;
import dev.guardrail.undo.Unfit;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/// What two databases do differently.
interface Dialect {

    /// Why a database did not do what it was asked for.
    enum Fault {
        /// It does not take the statement, or a value in it.
        STATEMENT,
        SLOW,
        LARGE,
        /// Somebody else is at the same rows.
        BUSY,
        /// A constraint stands against it.
        CONSTRAINT,
        BROKEN
    }

    boolean isSqlite();

    /// A connection in a transaction that sees one state of everything. Closing it undoes what is not committed.
    ///
    /// @param writing false where it can change nothing
    Connection open(boolean writing) throws SQLException;

    /// What is known of a table.
    ///
    /// @param name as it is configured
    /// @throws Unfit where its rows cannot be put back alone
    Table table(Connection connection, TableName name) throws SQLException, Unfit;

    /// A condition that is true for a row that is too large to be read.
    String oversize();

    /// What a query asks for, to read a column; it may be more than one value.
    String shown(Column column);

    /// Reads a column of a query of [#shown] ones.
    ///
    /// @param index of the column among them, from 0
    Json cell(ResultSet row, int index, Column column) throws SQLException;

    /// An expression with one parameter for a value of a column.
    String placeholder(Json cell, Column column);

    /// Binds what [#placeholder] waits for.
    void bind(PreparedStatement statement, int at, Json cell) throws SQLException;

    /// Binds a parameter of a statement that is about to run.
    void bindParameter(PreparedStatement statement, int at, Json value) throws SQLException, Unfit;

    /// A value of a key as its column would hold it.
    Json key(Connection connection, Column column, Json value) throws SQLException, Unfit;

    /// What stands between the columns and the values of an insert that gives every column.
    String overriding();

    Fault fault(SQLException failure);
}
