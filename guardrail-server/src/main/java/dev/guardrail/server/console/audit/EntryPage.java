package dev.guardrail.server.console.audit;

import dev.guardrail.server.console.Badge;
import dev.guardrail.server.console.Bit;
import java.util.List;

/// One entry: what it says, member by member, and the proof that the log holds it.
///
/// @param raw its bytes as the log vouches for them, made legible
/// @param older address of the entry before; empty for the first
/// @param newer address of the one behind; empty for the last
public record EntryPage(
        long seq,
        String at,
        Badge badge,
        List<Bit> sentence,
        List<Member> members,
        List<Bit> raw,
        Proof proof,
        List<Place> places,
        String older,
        String newer) {
    public EntryPage {
        sentence = List.copyOf(sentence);
        members = List.copyOf(members);
        raw = List.copyOf(raw);
        places = List.copyOf(places);
    }

    /// @param url of entries with the same value; empty where none are looked for
    public record Member(String name, List<Bit> value, String url) {}

    /// Another page on the same matter.
    public record Place(String word, String url) {}
}
