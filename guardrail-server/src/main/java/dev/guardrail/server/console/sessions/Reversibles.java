package dev.guardrail.server.console.sessions;

import dev.guardrail.base.JsonObject;
import dev.guardrail.call.SessionId;
import dev.guardrail.server.console.Badge;
import dev.guardrail.server.console.Icon;
import dev.guardrail.server.console.KeyRing;
import dev.guardrail.server.console.Visit;
import dev.guardrail.server.console.audit.Told;
import dev.guardrail.server.console.undo.Effect;
import dev.guardrail.server.console.undo.Effects;
import dev.guardrail.server.console.undo.Rows;
import io.micronaut.context.annotation.Requires;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/// What of a session can be taken back, on its page.
@Singleton
@Requires(beans = KeyRing.class)
final class Reversibles {
    private static final int SHOWN = 8;

    private final Effects effects;
    private final Rows rows;

    Reversibles(Effects effects, Rows rows) {
        this.effects = effects;
        this.rows = rows;
    }

    OfSession of(Visit visit, SessionId session) {
        List<Effect> all = effects.of(session);
        List<Effect> left = all.stream().filter(effect -> !effect.isUndone()).toList();
        var card = new SessionPage.Undo(
                left.stream().limit(SHOWN).map(effect -> rows.of(visit, effect)).toList(),
                (int) left.stream().filter(Effect::isOpen).count(),
                Rows.mayUndo(visit),
                left.size() > SHOWN);
        return new OfSession(
                card,
                all.stream()
                        .collect(Collectors.toMap(effect -> effect.call().id().value(), Function.identity())));
    }

    /// One session's.
    record OfSession(SessionPage.Undo card, Map<String, Effect> byCall) {
        OfSession {
            byCall = Map.copyOf(byCall);
        }

        /// What an outcome is marked with.
        List<Badge> marks(JsonObject entry) {
            return effect(entry)
                    .filter(effect -> !effect.isFinal())
                    .map(effect -> effect.isOpen() ? new Badge("undo", Icon.UNDO, "Can be undone") : effect.badge())
                    .stream()
                    .toList();
        }

        /// Where undoing an outcome and everything behind it is planned; empty where it cannot be.
        String plan(JsonObject entry) {
            return effect(entry)
                    .filter(effect -> card.may() && effect.isOpen())
                    .map(Effect::fromHere)
                    .orElse("");
        }

        private Optional<Effect> effect(JsonObject entry) {
            return Told.word(entry, "kind").equals("executed")
                    ? Optional.ofNullable(byCall.get(Told.word(entry, "call")))
                    : Optional.empty();
        }
    }
}
