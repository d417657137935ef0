package dev.guardrail.server.console.audit;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import dev.guardrail.journal.Notary;
import dev.guardrail.journal.Store;
import dev.guardrail.server.console.Bit;
import dev.guardrail.server.sheet.Legible;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Lays an entry out for people.
final class EntryReader {
    /// Members whose value leads to entries with the same one.
    private static final Set<String> SOUGHT = Set.of(
            "call",
            "session",
            "agent",
            "tool",
            "kind",
            "effect",
            "ticket",
            "grant",
            "policy",
            "definition",
            "voter",
            "by",
            "stop",
            "user");

    private EntryReader() {}

    static EntryPage page(Store store, Notary notary, long seq, byte[] bytes) {
        JsonObject entry = Line.of(seq, bytes).entry().without("seq");
        var members = new ArrayList<EntryPage.Member>();
        entry.members().forEach((name, value) -> members.add(member(name, value)));
        return new EntryPage(
                seq,
                Told.word(entry, "at"),
                Told.badge(entry),
                Bit.of(Told.sentence(entry)),
                members,
                Bit.of(Legible.of(new String(bytes, StandardCharsets.UTF_8)).segments()),
                Proof.of(store, notary, seq, bytes),
                places(entry),
                seq == 0 ? "" : Search.PATH + "/" + (seq - 1),
                seq + 1 >= store.size() ? "" : Search.PATH + "/" + (seq + 1));
    }

    private static EntryPage.Member member(String name, Json value) {
        String text = value instanceof JsonText(String plain) ? plain : value.toString();
        boolean sought = SOUGHT.contains(name) && value instanceof JsonText;
        return new EntryPage.Member(
                Legible.line(name),
                Bit.of(Legible.of(text).segments()),
                sought ? Search.url(name + ":" + Search.quoted(text)) : "");
    }

    private static List<EntryPage.Place> places(JsonObject entry) {
        var places = new ArrayList<EntryPage.Place>();
        entry.text("call")
                .ifPresent(call -> places.add(
                        new EntryPage.Place("Everything on this call", Search.url("call:" + Search.quoted(call)))));
        entry.text("ticket")
                .ifPresent(ticket -> places.add(
                        new EntryPage.Place("The request to people", "/console/approvals/" + Search.encoded(ticket))));
        return places;
    }
}
