package dev.guardrail.server.runner.sql;

import dev.guardrail.server.runner.sql.Statement.Assignment;
import dev.guardrail.server.runner.sql.Statement.Clash;
import dev.guardrail.server.runner.sql.Statement.Named;
import dev.guardrail.undo.Unfit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Reads one `INSERT`, `UPDATE` or `DELETE`. It knows the few forms of which it can be told which rows they change;
/// what else a statement says is refused.
final class StatementReader {
    private static final Set<String> AFTER_TABLE = Set.of(
            "SET",
            "WHERE",
            "VALUES",
            "DEFAULT",
            "AS",
            "USING",
            "SELECT",
            "WITH",
            "FROM",
            "RETURNING",
            "ORDER",
            "LIMIT",
            "ON",
            "INDEXED",
            "NOT",
            "OVERRIDING",
            "INNER",
            "JOIN");

    private final List<Token> tokens;
    private final boolean sqlite;
    private int at;

    private StatementReader(List<Token> tokens, boolean sqlite) {
        this.tokens = tokens;
        this.sqlite = sqlite;
    }

    /// @param sqlite whether SQLite reads it; PostgreSQL otherwise
    static Statement read(String text, boolean sqlite) throws Unfit {
        List<Token> tokens = new ArrayList<>(Lexer.tokens(text, sqlite));
        while (!tokens.isEmpty() && tokens.getLast().is(";")) tokens.removeLast();
        if (tokens.stream().anyMatch(token -> token.is(";"))) throw new Unfit("it is more than one statement");
        return new StatementReader(tokens, sqlite).statement();
    }

    /// How many parameters a statement has.
    static int places(String text, boolean sqlite) throws Unfit {
        return Lexer.tokens(text, sqlite).stream()
                .filter(token -> token.kind() == Token.Kind.PLACE)
                .mapToInt(token -> Integer.parseInt(token.text()) + 1)
                .max()
                .orElse(0);
    }

    private Statement statement() throws Unfit {
        if (taken("INSERT")) return insert(sqlite && taken("OR") ? clash(true) : new Clash.Fail());
        if (sqlite && taken("REPLACE")) return insert(new Clash.Replace());
        if (taken("UPDATE")) return update();
        if (taken("DELETE")) return delete();
        throw new Unfit(
                tokens.isEmpty()
                        ? "there is no statement"
                        : "only a plain `INSERT`, `UPDATE` or `DELETE` can be taken back, and it begins with `"
                                + shown(tokens.getFirst()) + "`");
    }

    /// The word behind `OR`.
    private Clash clash(boolean replaces) throws Unfit {
        if (taken("IGNORE")) return new Clash.Ignore();
        if (taken("ABORT") || taken("FAIL") || taken("ROLLBACK")) return new Clash.Fail();
        if (replaces && taken("REPLACE")) return new Clash.Replace();
        throw new Unfit("it may take the place of rows that it does not name");
    }

    private Statement insert(Clash clash) throws Unfit {
        expect("INTO");
        Named table = named();
        if (taken("AS")) throw new Unfit("its table has another name");
        List<Token> columns = peek("(") ? names() : List.of();
        if (taken("DEFAULT")) {
            expect("VALUES");
            end();
            return new Statement.Insert(table, List.of(), List.of(), true, clash);
        }
        if (!taken("VALUES")) throw new Unfit("what it inserts does not stand in `VALUES`");
        var rows = new ArrayList<List<List<Token>>>();
        do rows.add(row());
        while (taken(","));
        Clash told = taken("ON") ? conflict() : clash;
        end();
        return new Statement.Insert(table, columns, rows, false, told);
    }

    private List<List<Token>> row() throws Unfit {
        expect("(");
        var expressions = new ArrayList<List<Token>>();
        do expressions.add(expression(Set.of()));
        while (taken(","));
        expect(")");
        return expressions;
    }

    private Clash conflict() throws Unfit {
        expect("CONFLICT");
        List<Token> on = peek("(") ? names() : List.of();
        expect("DO");
        if (taken("NOTHING")) return new Clash.Ignore();
        expect("UPDATE");
        expect("SET");
        List<Assignment> assignments = assignments();
        return new Clash.Change(on, assignments, where());
    }

    private Statement update() throws Unfit {
        if (sqlite && taken("OR")) clash(false);
        Named table = named();
        Optional<Token> alias = alias();
        expect("SET");
        List<Assignment> assignments = assignments();
        List<Token> where = where();
        end();
        return new Statement.Update(table, alias, assignments, where);
    }

    private Statement delete() throws Unfit {
        expect("FROM");
        Named table = named();
        Optional<Token> alias = alias();
        List<Token> where = where();
        end();
        return new Statement.Delete(table, alias, where);
    }

    private List<Assignment> assignments() throws Unfit {
        var assignments = new ArrayList<Assignment>();
        do {
            Token column = name();
            expect("=");
            assignments.add(new Assignment(column, expression(Set.of("WHERE"))));
        } while (taken(","));
        return assignments;
    }

    private List<Token> where() throws Unfit {
        return taken("WHERE") ? expression(Set.of()) : List.of();
    }

    private Optional<Token> alias() throws Unfit {
        if (taken("AS")) return Optional.of(name());
        boolean named = at < tokens.size()
                && tokens.get(at).isName()
                && !(tokens.get(at).kind() == Token.Kind.WORD
                        && AFTER_TABLE.contains(tokens.get(at).upper()));
        // SQLite knows no other name without `AS`.
        return named && !sqlite ? Optional.of(name()) : Optional.empty();
    }

    /// Words up to the comma, the bracket or the key word that ends it. What they are is judged with the table at hand.
    private List<Token> expression(Set<String> ends) throws Unfit {
        var words = new ArrayList<Token>();
        int depth = 0;
        while (at < tokens.size()) {
            Token token = tokens.get(at);
            boolean outside = depth == 0
                    && (token.is(",") || token.is(")") || ends.stream().anyMatch(token::is));
            if (outside) break;
            if (token.is("(")) depth++;
            if (token.is(")")) depth--;
            words.add(token);
            at++;
        }
        if (depth != 0 || words.isEmpty()) throw new Unfit("it cannot be read as SQL");
        return words;
    }

    private Named named() throws Unfit {
        Token first = name();
        return taken(".") ? new Named(Optional.of(first), name()) : new Named(Optional.empty(), first);
    }

    private List<Token> names() throws Unfit {
        expect("(");
        var names = new ArrayList<Token>();
        do names.add(name());
        while (taken(","));
        expect(")");
        return names;
    }

    private Token name() throws Unfit {
        if (at >= tokens.size() || !tokens.get(at).isName()) throw new Unfit("it cannot be read as SQL");
        return tokens.get(at++);
    }

    private boolean peek(String word) {
        return at < tokens.size() && tokens.get(at).is(word);
    }

    private boolean taken(String word) {
        if (!peek(word)) return false;
        at++;
        return true;
    }

    private void expect(String word) throws Unfit {
        if (!taken(word))
            throw new Unfit("`" + word + "` does not stand where it is looked for"
                    + (at < tokens.size() ? ", but `" + shown(tokens.get(at)) + "`" : ""));
    }

    private void end() throws Unfit {
        if (at < tokens.size()) throw new Unfit("`" + shown(tokens.get(at)) + "` in it is not followed");
    }

    /// Texts may be secrets.
    private static String shown(Token token) {
        return token.kind() == Token.Kind.WORD || token.kind() == Token.Kind.SIGN ? token.text() : "…";
    }
}
