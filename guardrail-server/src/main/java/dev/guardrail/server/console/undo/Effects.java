package dev.guardrail.server.console.undo;

import dev.guardrail.call.CallId;
import dev.guardrail.call.SessionId;
import dev.guardrail.journal.CallRecord;
import dev.guardrail.journal.Journal;
import dev.guardrail.journal.Kind;
import dev.guardrail.journal.Store;
import dev.guardrail.pipeline.Undoing;
import dev.guardrail.server.console.KeyRing;
import dev.guardrail.undo.UndoStep;
import io.micronaut.context.annotation.Requires;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/// What calls may have changed, and how each stands as far as its document tells. Nothing is asked of any server here,
/// and policy is not asked.
@Singleton
@Requires(beans = KeyRing.class)
public final class Effects {
    private static final int PAGE = 256;

    /// Outcomes that one look goes through.
    private static final int LOOKED_AT = 2_000;

    private final Journal journal;
    private final Undoing undoing;

    Effects(Journal journal, Undoing undoing) {
        this.journal = journal;
        this.undoing = undoing;
    }

    /// Those of a session, the last one first, as they are undone.
    public List<Effect> of(SessionId session) {
        return undoing.calls(session).stream()
                .flatMap(call -> effect(call).stream())
                .toList();
    }

    private Optional<Effect> effect(CallRecord call) {
        return undoing.known(call).map(known -> new Effect(call, known));
    }

    Optional<Effect> find(CallId id) {
        return journal.get(Kind.CALL, id.value())
                .map(document -> CallRecord.of(document.value()))
                .flatMap(this::effect);
    }

    /// A call that was one of them, with what came of it.
    Optional<Effect> with(UndoStep step) {
        return journal.get(Kind.CALL, step.call().value())
                .map(document -> new Effect(CallRecord.of(document.value()), step));
    }

    /// What one look into the log came by, newest outcome first.
    ///
    /// @param from place in the log that it looked down to, that one included; 0 where nothing is left to look at
    record Catch(List<Effect> effects, long from) {
        Catch {
            effects = List.copyOf(effects);
        }
    }

    /// Those of all sessions.
    ///
    /// @param before only outcomes below this place in the log
    /// @param enough true where what was found fills a page
    Catch latest(long before, Predicate<List<Effect>> enough) {
        var query = new Store.Query(null, null, null, null, null, "executed");
        var effects = new ArrayList<Effect>();
        var seen = new HashSet<CallId>();
        long next = before;
        for (int looked = 0; looked < LOOKED_AT; looked += PAGE) {
            List<Store.Found> page = journal.search(query, next, PAGE);
            for (Store.Found found : page) {
                if (enough.test(effects)) return new Catch(effects, next);
                next = found.seq();
                var call = new CallId(found.entry().text("call").orElseThrow());
                if (seen.add(call)) find(call).ifPresent(effects::add);
            }
            if (page.size() < PAGE) return new Catch(effects, 0);
        }
        return new Catch(effects, next);
    }
}
