package dev.guardrail.server.console.undo;

import dev.guardrail.server.console.KeyRing;
import dev.guardrail.server.console.Visit;
import io.micronaut.context.annotation.Requires;
import jakarta.inject.Singleton;
import java.util.List;

/// What ran lately and can be taken back, or cannot.
@Singleton
@Requires(beans = KeyRing.class)
final class Recent {
    private static final int SHOWN = 50;

    private final Effects effects;
    private final Rows rows;

    Recent(Effects effects, Rows rows) {
        this.effects = effects;
        this.rows = rows;
    }

    /// @param before place in the log below which outcomes are looked for; empty for the latest
    UndoPage page(Visit visit, String before) {
        var found = effects.latest(before.isEmpty() ? Long.MAX_VALUE : Long.parseLong(before), Recent::isEnough);
        return new UndoPage(
                rows(visit, found.effects().stream().filter(Recent::isToBeSeen).toList()),
                rows(visit, found.effects().stream().filter(Effect::isFinal).toList()),
                found.from() == 0 ? "" : UndoPages.PATH + "?before=" + found.from(),
                Rows.mayUndo(visit),
                before.isEmpty());
    }

    private static boolean isEnough(List<Effect> effects) {
        return effects.stream().filter(Recent::isToBeSeen).count() >= SHOWN
                || effects.stream().filter(Effect::isFinal).count() >= SHOWN;
    }

    /// It can be taken back, or somebody is at it.
    private static boolean isToBeSeen(Effect effect) {
        return !effect.isFinal() && !effect.isUndone();
    }

    private List<StepRow> rows(Visit visit, List<Effect> effects) {
        return effects.stream().map(effect -> rows.of(visit, effect)).toList();
    }
}
