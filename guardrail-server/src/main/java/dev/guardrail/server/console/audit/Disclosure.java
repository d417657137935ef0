package dev.guardrail.server.console.audit;

import dev.guardrail.base.IdSource;
import dev.guardrail.base.Json;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import dev.guardrail.call.CallId;
import dev.guardrail.journal.BodySeal;
import dev.guardrail.journal.Draft;
import dev.guardrail.journal.Entry;
import dev.guardrail.journal.Journal;
import dev.guardrail.journal.StoreConflict;
import dev.guardrail.server.console.Bit;
import dev.guardrail.server.console.KeyRing;
import dev.guardrail.server.sheet.Legible;
import io.micronaut.context.annotation.Requires;
import jakarta.inject.Singleton;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Shows what lies behind an entry's commitments to somebody who says why. Who looked is in the log first.
@Singleton
@Requires(beans = KeyRing.class)
final class Disclosure {
    private static final List<String> COMMITMENTS = List.of("result", "reason", "text");

    /// Bodies that hold a call's arguments: as judged, or as a person changed them.
    private static final Pattern ARGUMENTS = Pattern.compile("call_[^/]+/arguments(/[0-9]+)?");

    /// Entries that one search of arguments finds at most: each is a look of its own.
    static final int MOST_FOUND = 50;

    private final Journal journal;
    private final IdSource ids;

    Disclosure(Journal journal, InstantSource clock, SecureRandom random) {
        this.journal = journal;
        this.ids = IdSource.of(clock, random);
    }

    /// Ids of the bodies that an entry commits to.
    static List<String> bodies(JsonObject entry) {
        Stream<JsonObject> several =
                entry.array("bodies").map(JsonArray::objects).stream().flatMap(List::stream);
        Stream<JsonObject> single = COMMITMENTS.stream().flatMap(member -> entry.object(member).stream());
        return Stream.concat(several, single)
                .flatMap(commitment -> commitment.text("body").stream())
                .distinct()
                .toList();
    }

    /// @param by the operator's name
    /// @param reason in the operator's words
    /// @throws dev.guardrail.journal.JournalUnavailable where the look cannot be journaled; nothing is shown then
    List<EntryPage.Member> reveal(Line line, String by, String reason) {
        List<String> bodies = bodies(line.entry());
        if (bodies.isEmpty()) return List.of();
        var draft = new Draft();
        look(draft, line, bodies, by, reason);
        commit(draft);
        return bodies.stream().map(this::shown).toList();
    }

    /// Entries whose arguments fit a search. Whoever sees that one is found learns of its arguments, so each is
    /// looked at as in [#reveal]: the log says so first, in one commit for all. Entries whose arguments were
    /// erased, or that have none, are not found.
    ///
    /// @param search that reads arguments
    /// @throws dev.guardrail.journal.JournalUnavailable where the looks cannot be journaled; nothing is shown then
    Haul search(Search search, long before, String by, String reason) {
        Haul haul = Haul.of(
                journal.store(),
                search.withoutArguments(),
                before,
                MOST_FOUND,
                line -> arguments(line.entry())
                        .anyMatch(id -> journal.body(id)
                                .filter(value -> search.matches(line.entry().set(Term.ARGUMENTS, value)))
                                .isPresent()));
        if (haul.lines().isEmpty()) return haul;
        var draft = new Draft();
        for (Line line : haul.lines()) look(draft, line, arguments(line.entry()).toList(), by, reason);
        commit(draft);
        return haul;
    }

    private static Stream<String> arguments(JsonObject entry) {
        return bodies(entry).stream().filter(id -> ARGUMENTS.matcher(id).matches());
    }

    private void look(Draft draft, Line line, List<String> bodies, String by, String reason) {
        BodySeal.Sealed sealed = journal.seal(ids.next("rev") + "/reason", new JsonText(reason));
        draft.entry(new Entry.Revealed(
                        journal.now(),
                        by,
                        line.seq(),
                        line.entry().text("call").map(CallId::new),
                        bodies,
                        sealed.commitment()))
                .body(sealed.body());
    }

    private void commit(Draft draft) {
        try {
            journal.commit(draft);
        } catch (StoreConflict impossible) {
            throw new IllegalStateException("an entry alone replaces nothing", impossible);
        }
    }

    private EntryPage.Member shown(String body) {
        Optional<Json> value = journal.body(body);
        List<Bit> bits = value.map(json ->
                        Bit.of(Legible.of(json instanceof JsonText(String text) ? text : json.toString())
                                .segments()))
                .orElse(Bit.of("‹erased, or never kept›"));
        return new EntryPage.Member(Legible.line(body), bits, "");
    }
}
