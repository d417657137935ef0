package dev.guardrail.server.cli;

import dev.guardrail.base.JsonObject;
import picocli.CommandLine.Command;

/// `console`: a link that signs the key's owner in to the console, once.
@Command(
        name = "console",
        mixinStandardHelpOptions = true,
        description = "Print a link that signs you in to the console, once, within a minute and on this machine. Takes"
                + " the key of an operator.")
final class ConsoleLink extends Asking {
    @Override
    int ask(Api api) throws Api.Refused {
        JsonObject link = link(api);
        if (json()) return show(link);
        System.out.println(
                "Open this within " + link.integer("seconds").orElse(0) + " seconds; it signs you in once:\n  "
                        + Screen.safe(link.text("url").orElse("")));
        return 0;
    }

    static JsonObject link(Api api) throws Api.Refused {
        return api.post("/v1/console/links", JsonObject.EMPTY);
    }
}
