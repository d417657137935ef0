package dev.guardrail.server.runner.sql;

import java.util.Locale;

/// A word of SQL.
///
/// @param text as it is written; without quotes where it had some; of a place, which of the parameters, from 0
record Token(Kind kind, String text) {

    /// What a word is.
    enum Kind {
        /// A key word, or a name without quotes.
        WORD,
        /// A name in quotes.
        NAME,
        TEXT,
        NUMBER,
        BLOB,
        /// A place of a parameter.
        PLACE,
        SIGN
    }

    boolean is(String word) {
        return switch (kind) {
            case WORD -> text.equalsIgnoreCase(word);
            case SIGN -> text.equals(word);
            case NAME, TEXT, NUMBER, BLOB, PLACE -> false;
        };
    }

    /// True for what can name a column or a table.
    boolean isName() {
        return kind == Kind.WORD || kind == Kind.NAME;
    }

    String upper() {
        return text.toUpperCase(Locale.ROOT);
    }

    /// The word as a database reads it.
    String sql() {
        return switch (kind) {
            case WORD, NUMBER, SIGN -> text;
            case NAME -> quoted(text);
            case TEXT -> "'" + text.replace("'", "''") + "'";
            case BLOB -> "X'" + text + "'";
            case PLACE -> "?";
        };
    }

    /// A name that is never a key word.
    static String quoted(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }
}
