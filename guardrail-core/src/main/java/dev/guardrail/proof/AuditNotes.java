package dev.guardrail.proof;

import java.util.ArrayList;
import java.util.List;

/// What an audit found worth a look; beyond the first few they are only counted.
final class AuditNotes {
    private final List<AuditReport.Note> first = new ArrayList<>();
    private long count;

    void add(long seq, String word, String sentence) {
        if (count++ < AuditReport.MAX_NOTES) first.add(new AuditReport.Note(seq, word, sentence));
    }

    List<AuditReport.Note> first() {
        return List.copyOf(first);
    }

    long count() {
        return count;
    }
}
