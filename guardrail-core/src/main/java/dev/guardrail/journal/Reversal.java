package dev.guardrail.journal;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.Sha256;
import dev.guardrail.call.CallId;
import dev.guardrail.call.Exactness;
import java.time.Instant;
import java.util.Optional;

/// What a call's document says of taking it back.
///
/// @param undoes the call that this one takes back
/// @param exactness how far this one can be taken back; empty where nobody said how
/// @param why one word where that is `none`
/// @param clause the same in more words, without names that anybody chose; empty where there are none
/// @param after keyed digest of what the call left behind; empty where it was not read
/// @param claim the call that takes this one back: from its intent until its outcome is known, nobody else can
/// @param until when what was prepared is over; empty where nothing was
/// @param counted true where its session counts it among those that cannot be taken back
public record Reversal(
        Optional<CallId> undoes,
        Optional<Exactness> exactness,
        String why,
        String clause,
        Optional<Sha256> after,
        Optional<CallId> claim,
        Optional<Instant> until,
        boolean counted) {
    /// Of a call that nobody said how to take back.
    public static final Reversal NONE = new Reversal(
            Optional.empty(), Optional.empty(), "", "", Optional.empty(), Optional.empty(), Optional.empty(), false);

    /// Of a call that takes another one back.
    public static Reversal of(CallId undone) {
        return new Reversal(
                Optional.of(undone),
                Optional.empty(),
                "",
                "",
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                false);
    }

    /// Of a call that was prepared to be taken back, or cannot be.
    public static Reversal of(Exactness exactness, String why) {
        return new Reversal(
                Optional.empty(),
                Optional.of(exactness),
                why,
                "",
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                false);
    }

    /// The same, with more words of why it cannot be taken back.
    public Reversal because(String words) {
        return new Reversal(undoes, exactness, why, words, after, claim, until, counted);
    }

    /// The same, over by then.
    public Reversal keptUntil(Instant end) {
        return new Reversal(undoes, exactness, why, clause, after, claim, Optional.of(end), counted);
    }

    /// The same, with what the call left behind.
    Reversal left(Optional<Sha256> image) {
        return new Reversal(undoes, exactness, why, clause, image, claim, until, counted);
    }

    /// The same, taken back by this call or by nobody.
    Reversal claimed(Optional<CallId> by) {
        return new Reversal(undoes, exactness, why, clause, after, by, until, counted);
    }

    /// The same, counted by its session or not.
    Reversal counted(boolean isCounted) {
        return new Reversal(undoes, exactness, why, clause, after, claim, until, isCounted);
    }

    /// True where something was prepared to take the call back.
    public boolean isPrepared() {
        return exactness.filter(how -> how != Exactness.NONE).isPresent();
    }

    JsonObject json() {
        var json = JsonObject.builder()
                .with("undoes", undoes.map(CallId::value))
                .with("exactness", exactness.map(Exactness::text))
                .with("after", after.map(Sha256::toString))
                .with("claim", claim.map(CallId::value))
                .with("until", until.map(Instant::toString));
        if (!why.isEmpty()) json.with("why", why);
        if (!clause.isEmpty()) json.with("clause", clause);
        if (counted) json.with("counted", true);
        return json.build();
    }

    static Reversal of(JsonObject json) {
        return new Reversal(
                json.text("undoes").map(CallId::new),
                json.text("exactness").map(Exactness::parse),
                json.text("why").orElse(""),
                json.text("clause").orElse(""),
                json.text("after").map(Sha256::parse),
                json.text("claim").map(CallId::new),
                json.text("until").map(Instant::parse),
                json.isTrue("counted"));
    }
}
