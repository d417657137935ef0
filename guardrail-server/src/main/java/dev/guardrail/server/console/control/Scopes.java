package dev.guardrail.server.console.control;

import dev.guardrail.approval.Scope;
import dev.guardrail.pack.Durations;
import dev.guardrail.server.sheet.Legible;
import java.util.stream.Collectors;

/// How far an approval reaches, in words.
public final class Scopes {
    private Scopes() {}

    public static String words(Scope scope) {
        var reach = scope.reach();
        String open = reach.vary().stream().sorted().map(Legible::line).collect(Collectors.joining(", "));
        return (reach.session()
                        ? "Calls like this one, in this session"
                        : "Calls like this one, in every session of the agent")
                + (open.isEmpty()
                        ? ", with the same arguments"
                        : ", whatever " + open + (reach.vary().size() == 1 ? " is" : " are"))
                + ", for " + Durations.text(scope.life()) + ", " + scope.calls() + " calls at most"
                + reach.sum()
                        .map(sum -> ", " + Legible.line(sum.argument()) + " up to "
                                + sum.max().toPlainString() + " in all")
                        .orElse("");
    }
}
