package dev.guardrail.server.console.undo;

import dev.guardrail.base.ProblemType;
import dev.guardrail.pipeline.Refusal;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Which of a session's calls are meant.
///
/// @param calls ids of these alone; empty for all
/// @param from id of a call that is meant with every later one; empty for none
record Choice(List<String> calls, String from) {
    Choice {
        calls = List.copyOf(calls);
    }

    /// What it means.
    ///
    /// @param all those of the session, the last one first
    /// @throws Refusal where a call is named that is not among them
    List<Effect> among(List<Effect> all) {
        Set<String> named = new HashSet<>(calls);
        if (!from.isEmpty()) named.add(from);
        for (Effect effect : all) named.remove(effect.call().id().value());
        if (!named.isEmpty())
            throw new Refusal(
                    ProblemType.NOT_FOUND,
                    "there is no call `" + named.iterator().next()
                            + "` in this session that may have changed anything; look at the list again");
        if (!from.isEmpty()) return all.subList(0, place(all) + 1);
        return calls.isEmpty()
                ? all
                : all.stream()
                        .filter(effect -> calls.contains(effect.call().id().value()))
                        .toList();
    }

    private int place(List<Effect> all) {
        int place = 0;
        while (!all.get(place).call().id().value().equals(from)) place++;
        return place;
    }

    String words() {
        if (!from.isEmpty()) return "This call, and every later one that may have changed something";
        if (calls.isEmpty()) return "Everything that may have changed something";
        return calls.size() == 1 ? "One call" : "The calls that were picked";
    }
}
