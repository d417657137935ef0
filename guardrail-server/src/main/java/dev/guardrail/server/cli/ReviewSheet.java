package dev.guardrail.server.cli;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.call.ToolEffect;
import dev.guardrail.call.ToolName;
import dev.guardrail.pack.Autonomy;
import dev.guardrail.pack.AutonomyReview;
import dev.guardrail.pack.Gap;
import dev.guardrail.pack.ToolReview;
import dev.guardrail.policy.Quorum;
import dev.guardrail.policy.Rule;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// A review as people read it on a terminal, and as programs do.
final class ReviewSheet {
    private ReviewSheet() {}

    static void print(PrintStream out, AutonomyReview review) {
        if (review.tools().isEmpty()) out.println("No tool is known.");
        else Screen.table(out, rows(review.tools()));
        if (!review.tools().isEmpty()) {
            out.println();
            out.println("`?` after a rule: it is about some calls only, by its condition or by who calls.");
        }
        for (String note : review.notes()) out.println("note: " + Screen.safe(note));
        out.println();
        for (Gap gap : review.gaps())
            out.println("! " + gap.kind().text() + "  " + Screen.safe(gap.about()) + ": " + Screen.safe(gap.message()));
        out.println(summary(review));
    }

    private static List<List<String>> rows(List<ToolReview> tools) {
        var rows = new ArrayList<List<String>>();
        rows.add(List.of("tool", "does", "runs", "undo", "asks", "rules"));
        for (ToolReview each : tools)
            rows.add(List.of(
                    each.tool().name().toString(),
                    does(each),
                    each.autonomy().text(),
                    undo(each),
                    asks(each),
                    rules(each)));
        return rows;
    }

    private static String does(ToolReview review) {
        var marks = Stream.concat(
                        new TreeSet<>(review.tool().labels()).stream(),
                        new TreeSet<>(review.tool().taints()).stream().map(taint -> "taints " + taint))
                .toList();
        return (review.described() ? review.tool().effect().text() : "unknown")
                + (marks.isEmpty() ? "" : " [" + String.join(", ", marks) + "]");
    }

    private static String undo(ToolReview review) {
        if (review.described() && review.tool().effect() == ToolEffect.READ) return "";
        String by = review.undoneBy().stream().map(ToolName::toString).collect(Collectors.joining(", "));
        String words = Stream.of(by.isEmpty() ? "" : "by " + by, review.why())
                .filter(part -> !part.isEmpty())
                .collect(Collectors.joining("; "));
        return review.undo().text() + (words.isEmpty() ? "" : " (" + words + ")");
    }

    private static String asks(ToolReview review) {
        return review.rules().stream()
                .filter(rule -> !rule.shadow())
                .flatMap(rule -> rule.quorum().stream())
                .map(ReviewSheet::people)
                .distinct()
                .collect(Collectors.joining(" and "));
    }

    private static String people(Quorum quorum) {
        String forms = String.join(" or ", quorum.approvers());
        return quorum.required() == 1 ? forms : quorum.required() + " of " + forms;
    }

    private static String rules(ToolReview review) {
        if (review.rules().isEmpty()) return "none: denied by default";
        return review.rules().stream().map(ReviewSheet::rule).collect(Collectors.joining(", "));
    }

    private static String rule(Rule rule) {
        List<String> duties = duties(rule);
        return (rule.shadow() ? "shadow " : "")
                + rule.effect().text()
                + " "
                + rule.id()
                + (Autonomy.meetsAll(rule) ? "" : "?")
                + (duties.isEmpty() ? "" : " [" + String.join(", ", duties) + "]");
    }

    /// What a rule asks for beside its answer, as its author wrote it.
    private static List<String> duties(Rule rule) {
        return Stream.of("undo", "delay", "sandbox", "preview")
                .flatMap(key -> rule.source().get(key).stream()
                        .map(value -> key + ": " + rule.source().text(key).orElse(value.toString())))
                .toList();
    }

    private static String summary(AutonomyReview review) {
        String tools = Arrays.stream(Autonomy.values())
                .map(autonomy -> count(review, autonomy) + " " + autonomy.text())
                .collect(Collectors.joining(", "));
        int gaps = review.gaps().size();
        return review.tools().size() + (review.tools().size() == 1 ? " tool: " : " tools: ") + tools + ". "
                + (gaps == 0 ? "No gaps." : gaps == 1 ? "1 gap." : gaps + " gaps.");
    }

    private static long count(AutonomyReview review, Autonomy autonomy) {
        return review.tools().stream()
                .filter(tool -> tool.autonomy() == autonomy)
                .count();
    }

    static JsonObject json(AutonomyReview review) {
        return JsonObject.with("tools", array(review.tools().stream().map(ReviewSheet::json)))
                .with("gaps", array(review.gaps().stream().map(ReviewSheet::json)))
                .with("notes", JsonArray.ofTexts(review.notes()))
                .build();
    }

    private static JsonObject json(Gap gap) {
        return JsonObject.with("code", gap.kind().text())
                .with("about", gap.about())
                .with("message", gap.message())
                .build();
    }

    private static JsonObject json(ToolReview review) {
        var json = JsonObject.with("tool", review.tool().name().toString())
                .with("effect", review.tool().effect().text())
                .with("described", review.described())
                .with("labels", JsonArray.ofTexts(new TreeSet<>(review.tool().labels())))
                .with("taints", JsonArray.ofTexts(new TreeSet<>(review.tool().taints())))
                .with("runs", review.autonomy().text())
                .with("undo", review.undo().text())
                .with(
                        "undoneBy",
                        JsonArray.ofTexts(review.undoneBy().stream()
                                .map(ToolName::toString)
                                .toList()))
                .with("rules", array(review.rules().stream().map(ReviewSheet::json)));
        if (!review.why().isEmpty()) json.with("undoWhy", review.why());
        return json.build();
    }

    private static JsonObject json(Rule rule) {
        var json = JsonObject.with("id", rule.id().value())
                .with("effect", rule.effect().text())
                .with("conditional", !Autonomy.meetsAll(rule))
                .with("shadow", rule.shadow())
                .with("position", rule.position())
                .with("duties", JsonArray.ofTexts(duties(rule)));
        rule.quorum()
                .ifPresent(quorum -> json.with("approvers", JsonArray.ofTexts(quorum.approvers()))
                        .with("required", quorum.required()));
        return json.build();
    }

    private static JsonArray array(Stream<JsonObject> items) {
        return new JsonArray(items.<Json>map(item -> item).toList());
    }
}
