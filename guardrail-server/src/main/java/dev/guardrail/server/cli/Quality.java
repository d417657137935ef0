package dev.guardrail.server.cli;

import dev.guardrail.base.JsonNumber;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import java.util.ArrayList;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `approvals quality`: how people review, as a table.
@Command(
        name = "quality",
        mixinStandardHelpOptions = true,
        description =
                "How people review: time to decide, rejections, expiries, repeats, approvals too fast to be read.")
final class Quality extends Asking {
    private static final String TOTAL = "in all";

    /// Columns of the table, and the members of the answer under them.
    private static final Map<String, String> COLUMNS = Map.ofEntries(
            Map.entry("approved", "approved"),
            Map.entry("denied", "denied"),
            Map.entry("expired", "expired"),
            Map.entry("p50", "p50Seconds"),
            Map.entry("p95", "p95Seconds"),
            Map.entry("rejected", "rejectRate"),
            Map.entry("unanswered", "expiredShare"),
            Map.entry("repeats", "repeats"),
            Map.entry("after-no", "askedAgainAfterDenial"),
            Map.entry("too-fast", "quickApprovals"));

    @Option(names = "--since", defaultValue = "7d", description = "How far back; ${DEFAULT-VALUE} by default.")
    private String since = "7d";

    @Option(
            names = "--by",
            defaultValue = "rule",
            description = "rule, tool, group, agent or channel; ${DEFAULT-VALUE} by default.")
    private String by = "rule";

    @Override
    int ask(Api api) throws Api.Refused {
        JsonObject report = api.get("/v1/approvals/quality?since=" + Api.part(since) + "&by=" + Api.part(by));
        if (json()) return show(report);
        var rows = new ArrayList<JsonObject>();
        report.array("items").ifPresent(items -> items.objects().forEach(item -> rows.add(row(item))));
        report.object("total").ifPresent(total -> rows.add(row(total.set("name", new JsonText(TOTAL)))));
        show(
                rows,
                "",
                "name",
                "opened",
                "approved",
                "denied",
                "expired",
                "p50",
                "p95",
                "rejected",
                "unanswered",
                "repeats",
                "after-no",
                "too-fast");
        if (!report.isTrue("complete"))
            System.out.println("Too many to count them all: these are the ones since "
                    + Screen.safe(report.text("from").orElse("")) + ".");
        return 0;
    }

    private static JsonObject row(JsonObject item) {
        JsonObject row = item;
        for (var column : COLUMNS.entrySet())
            row = row.set(column.getKey(), new JsonText(cell(item, column.getValue())));
        return row;
    }

    /// Shares as hundredths, times in a unit that fits, counts as they are; a dash where there is nothing to tell.
    private static String cell(JsonObject item, String member) {
        if (!(item.members().get(member) instanceof JsonNumber number)) return "-";
        if (member.endsWith("Seconds")) return span(number.asDouble());
        return member.endsWith("Rate") || member.endsWith("Share")
                ? Math.round(number.asDouble() * 100) + "%"
                : number.literal();
    }

    private static String span(double seconds) {
        if (seconds < 120) return Math.round(seconds) + "s";
        return seconds < 7_200 ? Math.round(seconds / 60) + "m" : Math.round(seconds / 3_600) + "h";
    }
}
