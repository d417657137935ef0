package dev.guardrail.server.runner.sql;

import dev.guardrail.server.runner.sql.Token.Kind;
import dev.guardrail.undo.Unfit;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Takes a statement apart. What two readers could read differently is refused: the tool's database reads the text as
/// it is, and what is asked beside it is written anew from these words.
final class Lexer {
    private static final Set<String> SIGNS =
            Set.of("=", "==", "<", ">", "<=", ">=", "<>", "!=", "+", "-", "*", "/", "%", "||", "->", "->>");

    private static final Pattern BLANK = Pattern.compile("[ \\t\\r\\n\\f]+|--[^\\n]*");
    private static final Pattern COMMENT = Pattern.compile("/\\*(?:(?!\\*/|/\\*).)*+\\*/", Pattern.DOTALL);
    private static final Pattern WORD = Pattern.compile("[A-Za-z_][A-Za-z0-9_$]*");
    private static final Pattern NUMBER = Pattern.compile("(?:[0-9]+(?:\\.[0-9]*)?|\\.[0-9]+)(?:[eE][+-]?[0-9]+)?");
    private static final Pattern TEXT = Pattern.compile("'((?:[^']|'')*+)'");
    private static final Pattern QUOTED = Pattern.compile("\"((?:[^\"]|\"\")++)\"");
    private static final Pattern TICKED = Pattern.compile("`([^`]+)`|\\[([^\\]]+)\\]");
    private static final Pattern BLOB = Pattern.compile("[xX]'((?:[0-9A-Fa-f]{2})*)'");
    private static final Pattern NUMBERED = Pattern.compile("[?$]([1-9][0-9]{0,2})");
    private static final Pattern SIGN = Pattern.compile("[-+*/<>=~!@#%^&|]+");
    private static final Pattern LONE = Pattern.compile("::|[(),.;]");

    private final String text;
    private final boolean sqlite;
    private final List<Token> tokens = new ArrayList<>();
    private int at;
    private int places;

    private Lexer(String text, boolean sqlite) {
        this.text = text;
        this.sqlite = sqlite;
    }

    /// @param sqlite whether SQLite reads it; PostgreSQL otherwise
    static List<Token> tokens(String text, boolean sqlite) throws Unfit {
        var lexer = new Lexer(text, sqlite);
        while (lexer.at < text.length()) lexer.next();
        return lexer.tokens;
    }

    private void next() throws Unfit {
        if (found(BLANK) != null || found(COMMENT) != null) return;
        if (sqlite && add(BLOB, Kind.BLOB) || add(TEXT, Kind.TEXT) || add(QUOTED, Kind.NAME)) return;
        if (sqlite && add(TICKED, Kind.NAME) || word() || place()) return;
        if (number() || sign() || add(LONE, Kind.SIGN)) return;
        throw new Unfit("the statement has a sign that is not followed");
    }

    private @Nullable Matcher found(Pattern pattern) {
        Matcher matcher = pattern.matcher(text).region(at, text.length());
        if (!matcher.lookingAt()) return null;
        at = matcher.end();
        return matcher;
    }

    /// Takes what the pattern's first group that is there holds, or all of it.
    private boolean add(Pattern pattern, Kind kind) throws Unfit {
        Matcher found = found(pattern);
        if (found == null) return false;
        String held = found.group();
        for (int group = found.groupCount(); group > 0; group--)
            if (found.group(group) != null) held = found.group(group);
        // A backslash is a letter or the beginning of an escape, by a setting of the session.
        if (!sqlite && kind == Kind.TEXT && held.indexOf('\\') >= 0)
            throw new Unfit("a text in the statement has a backslash");
        if (held.indexOf('\0') >= 0) throw new Unfit("the statement has a sign that is not followed");
        tokens.add(new Token(kind, unescaped(kind, held)));
        return true;
    }

    private static String unescaped(Kind kind, String held) {
        return switch (kind) {
            case TEXT -> held.replace("''", "'");
            case NAME -> held.replace("\"\"", "\"");
            case WORD, NUMBER, BLOB, PLACE, SIGN -> held;
        };
    }

    private boolean word() throws Unfit {
        if (!add(WORD, Kind.WORD)) return false;
        if (at < text.length() && (text.charAt(at) == '\'' || text.charAt(at) >= 0x80 || text.charAt(at) == '&'))
            throw new Unfit("the statement has a text or name of a form that is not followed");
        return true;
    }

    /// SQLite counts `?` and `?1`; PostgreSQL `$1`, for which drivers take `?`.
    private boolean place() throws Unfit {
        Matcher numbered = found(NUMBERED);
        if (numbered != null) {
            if (numbered.group().startsWith("?") != sqlite)
                throw new Unfit("the statement has a parameter of a form that is not followed");
            int number = Integer.parseInt(numbered.group(1));
            places = Math.max(places, number);
            tokens.add(new Token(Kind.PLACE, Integer.toString(number - 1)));
            return true;
        }
        if (at >= text.length() || text.charAt(at) != '?') return false;
        at++;
        tokens.add(new Token(Kind.PLACE, Integer.toString(places++)));
        return true;
    }

    private boolean number() throws Unfit {
        if (!add(NUMBER, Kind.NUMBER)) return false;
        if (at < text.length() && (Character.isLetterOrDigit(text.charAt(at)) || text.charAt(at) == '_'))
            throw new Unfit("the statement has a number of a form that is not followed");
        return true;
    }

    /// As many signs as make one; a sign before a number may stand behind another.
    private boolean sign() throws Unfit {
        Matcher found = found(SIGN);
        if (found == null) return false;
        String run = found.group();
        int comment = run.indexOf("--") >= 0 ? run.indexOf("--") : run.indexOf("/*");
        if (comment > 0) {
            at -= run.length() - comment;
            run = run.substring(0, comment);
        }
        if (SIGNS.contains(run)) {
            tokens.add(new Token(Kind.SIGN, run));
            return true;
        }
        String first = run.substring(0, run.length() - 1);
        String last = run.substring(run.length() - 1);
        if (!SIGNS.contains(first) || !last.equals("-") && !last.equals("+"))
            throw new Unfit("the statement has an operator that is not followed");
        tokens.add(new Token(Kind.SIGN, first));
        tokens.add(new Token(Kind.SIGN, last));
        return true;
    }
}
