package dev.guardrail.server.console.audit;

import dev.guardrail.base.JsonObject;
import dev.guardrail.journal.Store;
import dev.guardrail.server.console.audit.Term.Any;
import dev.guardrail.server.console.audit.Term.Wanted;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/// A search of the log, as its reader understood it. An entry is found where every term matches.
///
/// @param text as somebody wrote it
public record Search(String text, List<Term> terms) implements Reading {
    static final String PATH = "/console/audit";
    static final Search ALL = new Search("", List.of());

    public Search {
        terms = List.copyOf(terms);
    }

    /// @param entry with its place in the log as the member `seq`
    public boolean matches(JsonObject entry) {
        return terms.stream().allMatch(term -> term.matches(entry));
    }

    /// True where arguments are looked at: what lies behind entries, and not in them.
    boolean readsArguments() {
        return terms.stream().anyMatch(Term::readsArguments);
    }

    /// The same without its words on arguments.
    Search withoutArguments() {
        return new Search(
                text, terms.stream().filter(term -> !term.readsArguments()).toList());
    }

    /// What the store can find by itself; the terms are still to be asked.
    Store.Query query() {
        return new Store.Query(
                exact("call"), exact("session"), exact("agent"), exact("tool"), exact("effect"), exact("kind"));
    }

    private @org.jspecify.annotations.Nullable String exact(String member) {
        return terms.stream()
                .flatMap(term -> exact(term, member).stream())
                .findFirst()
                .orElse(null);
    }

    private static Optional<String> exact(Term term, String member) {
        return term instanceof Any(List<String> members, List<Wanted> values)
                        && members.equals(List.of(member))
                        && values.size() == 1
                        && values.getFirst().isExact()
                ? Optional.of(values.getFirst().text())
                : Optional.empty();
    }

    /// Address of the same search with one more term, or of one that lacks it where it has it.
    String toggled(String field, String value) {
        String term = field + ":" + quoted(value);
        String all = (" " + text.strip() + " ").replaceAll("\\s+", " ");
        return url(all.contains(" " + term + " ") ? all.replace(" " + term + " ", " ") : all + term);
    }

    boolean has(String field, String value) {
        return (" " + text.strip().replaceAll("\\s+", " ") + " ").contains(" " + field + ":" + quoted(value) + " ");
    }

    static String url(String text) {
        return text.isBlank() ? PATH : PATH + "?q=" + encoded(text.strip());
    }

    static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    /// A value as the search language writes it.
    static String quoted(String value) {
        boolean plain = !value.isEmpty()
                && value.chars().allMatch(unit -> unit > ' ' && unit < 0x7F && "\"\\,*<>".indexOf(unit) < 0);
        return plain ? value : '"' + value.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
}
