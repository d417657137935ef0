package dev.guardrail.server.cli;

import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonNumber;
import dev.guardrail.base.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// How far somebody wants an approval to reach, as options of a command. Nothing of it is there by default.
final class Remember {
    @Option(
            names = "--remember",
            paramLabel = "SPAN",
            description = "Remember it for calls like this one, as long as this: 8h.")
    private @Nullable String span;

    @Option(names = "--calls", paramLabel = "N", description = "With --remember: calls in all, this one among them.")
    private @Nullable Integer calls;

    @Option(
            names = "--vary",
            paramLabel = "NAME",
            split = ",",
            description = "With --remember: arguments that may have any value.")
    private List<String> vary = new ArrayList<>();

    @Option(
            names = "--sum",
            paramLabel = "NAME=MAX",
            description = "With --remember: an argument that may differ while all of it together is at most this.")
    private @Nullable String sum;

    @Option(
            names = "--agent",
            description = "With --remember: in all sessions of this agent and user, not in this one alone.")
    private boolean agent;

    /// @return empty where nothing is to be remembered
    Optional<JsonObject> scope() throws Api.Refused {
        String life = span;
        if (life == null) {
            if (calls != null || !vary.isEmpty() || sum != null || agent)
                throw new Api.Refused("--calls, --vary, --sum and --agent say how far --remember reaches; add it");
            return Optional.empty();
        }
        var scope = JsonObject.builder().with(agent ? "agent" : "session", true).with("for", life);
        if (calls != null) scope.with("calls", calls);
        if (!vary.isEmpty()) scope.with("vary", JsonArray.ofTexts(vary));
        String ceiling = sum;
        if (ceiling != null) scope.with("sum", sum(ceiling));
        return Optional.of(scope.build());
    }

    private static JsonObject sum(String text) throws Api.Refused {
        int equals = text.lastIndexOf('=');
        try {
            if (equals > 0)
                return JsonObject.with("argument", text.substring(0, equals))
                        .with("max", new JsonNumber(text.substring(equals + 1)))
                        .build();
        } catch (IllegalArgumentException noNumber) {
            throw new Api.Refused("--sum is NAME=MAX with a number, as in amount=50000; " + noNumber.getMessage());
        }
        throw new Api.Refused("--sum is NAME=MAX with a number, as in amount=50000");
    }
}
