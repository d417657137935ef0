package dev.guardrail.condition;

import dev.cel.common.CelIssue;
import dev.cel.common.Operator;
import dev.cel.common.ast.CelExpr;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Says in our words what CEL found wrong, at the place where the author would look.
///
/// @param source text of the condition
record Wording(String source, Optional<Mentions> mentions, Optional<SchemaTypes> schema) {
    private static final Pattern UNDEFINED_FIELD = Pattern.compile("undefined field '(.*)'", Pattern.DOTALL);
    private static final Pattern UNDECLARED =
            Pattern.compile("undeclared reference to '(.*)' \\(in container '.*'\\)", Pattern.DOTALL);
    private static final Pattern NO_OVERLOAD = Pattern.compile(
            "found no matching overload for '(.*)' applied to '(.*)' \\(candidates: .*\\)", Pattern.DOTALL);
    private static final Pattern NO_FIELDS =
            Pattern.compile("type '(.*)' does not support field selection", Pattern.DOTALL);
    private static final Pattern EXPECTED = Pattern.compile("expected type '(.*)' but found '(.*)'", Pattern.DOTALL);
    private static final Pattern STRUCT_INDEX = Pattern.compile("\\(object .*");

    Finding syntax(CelIssue issue) {
        var at = issue.getSourceLocation();
        String message = issue.getMessage().lines().findFirst().orElse("");
        int expecting = message.indexOf(" expecting {");
        String text = expecting < 0 ? message : message.substring(0, expecting);
        return Finding.error("syntax", line(at.getLine()), Math.max(0, at.getColumn()), plain(text));
    }

    /// What the checker found; an error, which the caller may soften.
    Finding type(CelIssue issue) {
        int line = line(issue.getSourceLocation().getLine());
        int column = Math.max(0, issue.getSourceLocation().getColumn());
        String message = issue.getMessage();
        Matcher undefined = UNDEFINED_FIELD.matcher(message);
        if (undefined.matches()) return field(issue, line, column, undefined.group(1));
        Matcher undeclared = UNDECLARED.matcher(message);
        if (undeclared.matches()) return name(line, column, undeclared.group(1));
        Matcher overload = NO_OVERLOAD.matcher(message);
        if (overload.matches()) return overload(line, column, overload.group(1), overload.group(2));
        Matcher fields = NO_FIELDS.matcher(message);
        if (fields.matches())
            return Finding.error("wrong-type", line, column, "`" + type(fields.group(1)) + "` has no fields");
        Matcher expected = EXPECTED.matcher(message);
        if (expected.matches())
            return Finding.error(
                    "wrong-type",
                    line,
                    column,
                    "a `" + type(expected.group(1)) + "` is needed here, not a `" + type(expected.group(2)) + "`");
        return Finding.error("wrong-type", line, column, plain(message));
    }

    private Finding field(CelIssue issue, int line, int column, String field) {
        Collection<String> known = mentions.flatMap(found -> found.expression(issue.getExprId()))
                .map(this::siblings)
                .orElse(List.of());
        return Finding.error(
                "undefined-field",
                line,
                column + toName(line, column, field),
                "`" + field + "` is not a field here" + suggestion(field, known));
    }

    private Finding name(int line, int column, String name) {
        String functions = String.join("` and `", Vocabulary.functions(name));
        if (!functions.isEmpty())
            return Finding.error("unknown-name", line, column, "`" + name + "` has only `" + functions + "`");
        int back = column > 0 && codePoint(line, column) == '(' ? name.length() : 0;
        return Finding.error(
                "unknown-name",
                line,
                Math.max(0, column - back),
                "`" + name + "` is not known" + suggestion(name, Vocabulary.names()));
    }

    private static Finding overload(int line, int column, String function, String applied) {
        if (function.equals(Operator.INDEX.getFunction())
                && STRUCT_INDEX.matcher(applied).matches())
            return Finding.warning(
                    "not-checked",
                    line,
                    column,
                    "which field this reads is known only when it runs: it is not checked");
        String shown = Operator.findReverse(function)
                .map(operator -> function.replace("_", "").replace("@", ""))
                .orElse(function);
        return Finding.error("wrong-type", line, column, "`" + shown + "` does not take `" + type(applied) + "`");
    }

    /// Fields beside the one that a select or index expression misses.
    private Collection<String> siblings(CelExpr missing) {
        var path = new ArrayList<String>();
        Optional<CelExpr> at = container(missing, path);
        path.clear();
        while (at.isPresent() && at.get().getKind() != CelExpr.ExprKind.Kind.IDENT) at = container(at.get(), path);
        if (at.isEmpty()) return List.of();
        String variable = at.get().ident().name();
        if (!variable.equals("args")) return path.isEmpty() ? Vocabulary.fields(variable) : List.of();
        return schema.map(types -> types.fields(path)).orElse(Set.of());
    }

    /// What a select or index expression reads from; puts the step itself before those of `path`.
    private static Optional<CelExpr> container(CelExpr expression, List<String> path) {
        if (expression.getKind() == CelExpr.ExprKind.Kind.SELECT) {
            path.addFirst(expression.select().field());
            return Optional.of(expression.select().operand());
        }
        boolean index = expression.getKind() == CelExpr.ExprKind.Kind.CALL
                && expression.call().function().equals(Operator.INDEX.getFunction());
        if (!index) return Optional.empty();
        path.addFirst(Mentions.text(expression.call().args().getLast()).orElse("[]"));
        return Optional.of(expression.call().args().getFirst());
    }

    /// Code points from a dot or bracket to the name after it.
    private int toName(int line, int column, String field) {
        String text = source.lines().skip(line).findFirst().orElse("");
        int from = text.codePointCount(0, text.length()) <= column ? -1 : text.offsetByCodePoints(0, column);
        int at = from < 0 ? -1 : text.indexOf(field, from);
        return at < 0 ? 0 : text.codePointCount(from, at);
    }

    private int codePoint(int line, int column) {
        return source.lines()
                .skip(line)
                .findFirst()
                .map(text -> text.codePoints().skip(column).findFirst().orElse(0))
                .orElse(0);
    }

    private static int line(int fromOne) {
        return Math.max(0, fromOne - 1);
    }

    /// Type names without the mark that keeps them apart from identifiers.
    private static String type(String names) {
        return names.replace("object ", "").replace("`", "'");
    }

    /// One lower-case sentence; what CEL quotes stands in backticks.
    private static String plain(String message) {
        String text = message.replace('\'', '`').strip();
        return text.isEmpty() ? "not a condition" : text.substring(0, 1).toLowerCase(Locale.ROOT) + text.substring(1);
    }

    /// `; did you mean …` where one of the known names is near.
    private static String suggestion(String name, Collection<String> known) {
        String best = "";
        int least = 1 + Math.min(2, Math.max(1, name.length() / 3));
        for (String candidate : known.stream().sorted().toList()) {
            int distance = distance(name, candidate);
            if (distance < least) {
                least = distance;
                best = candidate;
            }
        }
        return best.isEmpty() ? "" : "; did you mean `" + best + "`?";
    }

    /// Insertions, deletions, replacements and swaps of neighbours that make one name of the other.
    private static int distance(String one, String other) {
        if (Math.abs(one.length() - other.length()) > 2) return Integer.MAX_VALUE;
        var costs = new int[one.length() + 1][other.length() + 1];
        for (int i = 0; i <= one.length(); i++) costs[i][0] = i;
        for (int j = 0; j <= other.length(); j++) costs[0][j] = j;
        for (int i = 1; i <= one.length(); i++) {
            for (int j = 1; j <= other.length(); j++) {
                int change = one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1;
                int cost = Math.min(costs[i - 1][j - 1] + change, 1 + Math.min(costs[i - 1][j], costs[i][j - 1]));
                boolean swapped = i > 1
                        && j > 1
                        && one.charAt(i - 1) == other.charAt(j - 2)
                        && one.charAt(i - 2) == other.charAt(j - 1);
                costs[i][j] = swapped ? Math.min(cost, costs[i - 2][j - 2] + 1) : cost;
            }
        }
        return costs[one.length()][other.length()];
    }
}
