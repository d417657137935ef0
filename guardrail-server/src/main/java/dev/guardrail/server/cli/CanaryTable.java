package dev.guardrail.server.cli;

import dev.guardrail.base.JsonNumber;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import java.util.ArrayList;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `approvals canaries`: what approvers made of made-up requests, as a table.
@Command(
        name = "canaries",
        mixinStandardHelpOptions = true,
        description = "What approvers made of requests that were made up to test them (auditor, admin).")
final class CanaryTable extends Asking {
    @Option(names = "--since", defaultValue = "90d", description = "How far back; ${DEFAULT-VALUE} by default.")
    private String since = "90d";

    @Override
    int ask(Api api) throws Api.Refused {
        JsonObject report = api.get("/v1/approvals/canaries?since=" + Api.part(since));
        if (json()) return show(report);
        var rows = new ArrayList<JsonObject>();
        report.array("items").ifPresent(items -> items.objects().forEach(item -> rows.add(row(item))));
        report.object("total").ifPresent(total -> rows.add(row(total.set("name", new JsonText("in all")))));
        return show(rows, "", "name", "planted", "missed", "caught", "silent", "handled", "n", "miss-rate");
    }

    private static JsonObject row(JsonObject item) {
        String rate = item.members().get("missRate") instanceof JsonNumber number
                ? Math.round(number.asDouble() * 100) + "%"
                : "-";
        return item.set("miss-rate", new JsonText(rate));
    }
}
