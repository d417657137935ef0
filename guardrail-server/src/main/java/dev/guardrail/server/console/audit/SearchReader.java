package dev.guardrail.server.console.audit;

import dev.guardrail.pack.Durations;
import dev.guardrail.server.console.audit.Term.Any;
import dev.guardrail.server.console.audit.Term.Argument;
import dev.guardrail.server.console.audit.Term.Beyond;
import dev.guardrail.server.console.audit.Term.Order;
import dev.guardrail.server.console.audit.Term.Wanted;
import dev.guardrail.server.console.audit.Term.Wish;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/// Reads the search language: `field:value`, several values with commas, `-` for not, `*` for any characters, quotes
/// around what holds blanks, `<` and `>` before times, ages, sequences and arguments. An id alone is found by what it
/// begins with.
public final class SearchReader {
    private static final int LONGEST = 2_000;

    private final String text;
    private final Instant now;
    private final Language language;
    private int at;

    private SearchReader(String text, Instant now, Language language) {
        this.text = text;
        this.now = now;
        this.language = language;
    }

    /// A search of the log.
    ///
    /// @param now what ages are counted from
    static Reading read(String text, Instant now) {
        return read(text, now, Language.LOG);
    }

    /// @param now what ages are counted from
    public static Reading read(String text, Instant now, Language language) {
        if (text.length() > LONGEST)
            return new Misspelt(text.substring(0, LONGEST), LONGEST, "a search has at most " + LONGEST + " characters");
        return new SearchReader(text, now, language).read();
    }

    /// What stops reading.
    private static final class Stopped extends Exception {
        private static final long serialVersionUID = 1L;
        private final int place;

        Stopped(int place, String what) {
            super(what);
            this.place = place;
        }
    }

    private Reading read() {
        var terms = new ArrayList<Term>();
        try {
            for (blanks(); at < text.length(); blanks()) terms.add(term());
            return new Search(text, terms);
        } catch (Stopped fault) {
            return new Misspelt(text, fault.place, String.valueOf(fault.getMessage()));
        }
    }

    private void blanks() {
        while (at < text.length() && Character.isWhitespace(text.charAt(at))) at++;
    }

    private Term term() throws Stopped {
        boolean not = text.charAt(at) == '-';
        if (not) at++;
        int begin = at;
        while (at < text.length() && (Character.isLetterOrDigit(text.charAt(at)) || text.charAt(at) == '_')) at++;
        String word = text.substring(begin, at);
        if (language.arguments() && word.equals(Term.ARGUMENTS)) return argument(not);
        boolean field = at < text.length() && text.charAt(at) == ':';
        Term term = field ? field(begin, word) : id(begin, word);
        return not ? new Term.Not(term) : term;
    }

    /// `args.path:value`; a name with other characters stands in quotes, as in `args."full name":ann`.
    private Term argument(boolean not) throws Stopped {
        var path = new ArrayList<String>();
        while (at < text.length() && text.charAt(at) == '.') {
            at++;
            path.add(at < text.length() && text.charAt(at) == '"' ? quoted().text() : argumentName());
        }
        if (path.isEmpty()) throw new Stopped(at, "the name of an argument belongs here, as in `args.path`");
        if (at == text.length() || text.charAt(at) != ':')
            throw new Stopped(at, "a colon and a value belong here, as in `args.path:/etc/*`");
        at++;
        boolean compared = at < text.length() && (text.charAt(at) == '<' || text.charAt(at) == '>');
        Term term = new Argument(path, compared ? new Wish.Beyond(order(), decimal()) : new Wish.OneOf(values()));
        return not ? new Term.Not(term) : term;
    }

    private String argumentName() throws Stopped {
        int begin = at;
        while (at < text.length() && (Character.isLetterOrDigit(text.charAt(at)) || "_-".indexOf(text.charAt(at)) >= 0))
            at++;
        if (at == begin) throw new Stopped(at, "the name of an argument belongs here, as in `args.path`");
        return text.substring(begin, at);
    }

    private BigDecimal decimal() throws Stopped {
        int begin = at;
        String word = word("");
        if (!word.matches("-?[0-9]{1,18}(\\.[0-9]{1,18})?")) throw new Stopped(begin, "a number belongs here");
        return new BigDecimal(word);
    }

    private Term id(int begin, String word) throws Stopped {
        boolean ends = at == text.length() || Character.isWhitespace(text.charAt(at));
        String field = language.ids().entrySet().stream()
                .filter(each -> ends && word.startsWith(each.getKey()))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElseThrow(() -> new Stopped(
                        begin, "write a field, a colon and a value, as in `tool:files.write_file`, or paste an id"));
        return new Any(language.members(field).orElseThrow(), List.of(new Wanted(word, true)));
    }

    private Term field(int begin, String name) throws Stopped {
        at++;
        if (Language.COMPARED.contains(name) && !language.compared().contains(name)) throw unknown(begin, name);
        return switch (name) {
            case "seq" -> new Beyond(false, order(), number());
            case "at" -> new Beyond(true, order(), time());
            case "age" -> new Beyond(true, order().turned(), age());
            default -> any(begin, name);
        };
    }

    private Term any(int begin, String name) throws Stopped {
        List<String> members = language.members(name).orElseThrow(() -> unknown(begin, name));
        return new Any(members, values());
    }

    private List<Wanted> values() throws Stopped {
        var values = new ArrayList<Wanted>();
        do {
            if (!values.isEmpty()) at++;
            values.add(value());
        } while (at < text.length() && text.charAt(at) == ',');
        return values;
    }

    private Stopped unknown(int begin, String name) {
        return new Stopped(begin, "`" + name + "` is no field; there are: " + language.fields());
    }

    private Wanted value() throws Stopped {
        if (at < text.length() && text.charAt(at) == '"') return quoted();
        String word = word(",");
        if (word.isEmpty()) throw new Stopped(at, "a value belongs here; one with blanks stands in quotes");
        return new Wanted(word, false);
    }

    private Wanted quoted() throws Stopped {
        int begin = at++;
        var value = new StringBuilder();
        while (at < text.length() && text.charAt(at) != '"') {
            if (text.charAt(at) == '\\' && at + 1 < text.length()) at++;
            value.append(text.charAt(at++));
        }
        if (at == text.length()) throw new Stopped(begin, "this quote is not closed");
        at++;
        return new Wanted(value.toString(), true);
    }

    private String word(String ends) {
        int begin = at;
        while (at < text.length() && !Character.isWhitespace(text.charAt(at)) && ends.indexOf(text.charAt(at)) < 0)
            at++;
        return text.substring(begin, at);
    }

    private Order order() throws Stopped {
        char sign = at < text.length() ? text.charAt(at) : ' ';
        if (sign != '<' && sign != '>')
            throw new Stopped(at, "this field is compared: write `<`, `<=`, `>` or `>=` before the value");
        at++;
        boolean equal = at < text.length() && text.charAt(at) == '=';
        if (equal) at++;
        if (sign == '<') return equal ? Order.AT_MOST : Order.BELOW;
        return equal ? Order.AT_LEAST : Order.ABOVE;
    }

    private long number() throws Stopped {
        int begin = at;
        String word = word("");
        if (!word.matches("[0-9]{1,18}")) throw new Stopped(begin, "a whole number belongs here");
        return Long.parseLong(word);
    }

    private long age() throws Stopped {
        int begin = at;
        var span = Durations.parse(word(""));
        if (span.isEmpty()) throw new Stopped(begin, "a span of time belongs here, such as `1h` or `7d`");
        return now.toEpochMilli() - span.get().toMillis();
    }

    private long time() throws Stopped {
        int begin = at;
        return millis(word(""))
                .orElseThrow(() -> new Stopped(
                        begin, "a day or a time in UTC belongs here, such as `2026-01-31` or `2026-01-31T09:30:00Z`"));
    }

    private static OptionalLong millis(String word) {
        try {
            return OptionalLong.of((word.length() == 10
                            ? LocalDate.parse(word).atStartOfDay(ZoneOffset.UTC).toInstant()
                            : Instant.parse(word))
                    .toEpochMilli());
        } catch (DateTimeException | ArithmeticException malformed) {
            return OptionalLong.empty();
        }
    }
}
