package dev.guardrail.pack;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/// Collects what is found in one file. At most [#CAP] findings are kept: a file full of faults stays readable.
public final class Findings {
    static final int CAP = 200;

    private final String file;
    private final List<String> lines;
    private final List<Diagnostic> found = new ArrayList<>();

    public Findings(Source source) {
        this.file = source.name();
        this.lines = source.lines();
    }

    public void error(Place place, String code, String message) {
        add(Diagnostic.Severity.ERROR, place, code, message);
    }

    public void warning(Place place, String code, String message) {
        add(Diagnostic.Severity.WARNING, place, code, message);
    }

    private void add(Diagnostic.Severity severity, Place place, String code, String message) {
        // An error is never dropped for the sake of warnings: one is enough to refuse the file.
        boolean firstError = severity == Diagnostic.Severity.ERROR && !hasErrors();
        if (found.size() >= CAP && !firstError) return;
        found.add(new Diagnostic(severity, code, file, place.line(), place.column(), message, line(place.line())));
    }

    boolean hasErrors() {
        return found.stream().anyMatch(Diagnostic::isError);
    }

    String file() {
        return file;
    }

    /// Line of this number from 1; empty beyond the end.
    String line(int number) {
        return number >= 1 && number <= lines.size() ? lines.get(number - 1) : "";
    }

    /// In order of position, each once.
    public List<Diagnostic> all() {
        return List.copyOf(new TreeSet<>(found));
    }
}
