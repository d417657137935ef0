package dev.guardrail.server.console.policies;

import dev.guardrail.base.JsonObject;
import dev.guardrail.journal.Journal;
import dev.guardrail.journal.Store;
import dev.guardrail.pack.Diagnostic;
import dev.guardrail.pack.Source;
import dev.guardrail.policy.Glob;
import dev.guardrail.policy.Layer;
import dev.guardrail.policy.Match;
import dev.guardrail.policy.PolicySet;
import dev.guardrail.policy.Quorum;
import dev.guardrail.policy.Rule;
import dev.guardrail.server.console.Badge;
import dev.guardrail.server.console.Bit;
import dev.guardrail.server.console.Pages;
import dev.guardrail.server.console.Wing;
import dev.guardrail.server.door.Policies;
import dev.guardrail.server.sheet.Legible;
import io.micronaut.context.annotation.Requires;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Produces;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// `/console/policies`: which rules are in force, where they stand, and what each did lately.
@Controller("/console/policies")
@Produces(MediaType.ALL)
@ExecuteOn(TaskExecutors.BLOCKING)
@Requires(beans = Pages.class)
final class PoliciesPages {
    private static final int VERSIONS = 10;
    private static final Pages.Kind PAGE = new Pages.Kind("policies.jte", Wing.POLICIES, "Policies");

    private final Pages pages;
    private final Policies policies;
    private final PolicyFiles files;
    private final Journal journal;

    PoliciesPages(Pages pages, Policies policies, PolicyFiles files, Journal journal) {
        this.pages = pages;
        this.policies = policies;
        this.files = files;
        this.journal = journal;
    }

    @Get
    HttpResponse<?> show(HttpRequest<?> request) {
        return pages.answered(request, () -> pages.page(request, PAGE, page()));
    }

    private PoliciesPage page() {
        PolicySet set = policies.inForce().policies();
        List<Source> sources = files.sources();
        Deeds deeds = Deeds.latest(journal.store());
        return new PoliciesPage(
                set.version().toString(),
                set.layers().stream().mapToInt(layer -> layer.rules().size()).sum(),
                deeds.looked(),
                files.refused().stream().map(PoliciesPages::problem).toList(),
                files.findings().stream().map(PoliciesPages::problem).toList(),
                set.layers().stream().map(layer -> block(layer, sources, deeds)).toList(),
                IntStream.range(0, sources.size())
                        .mapToObj(index -> file(index, sources.get(index)))
                        .toList(),
                versions());
    }

    private static PoliciesPage.Problem problem(Diagnostic finding) {
        return new PoliciesPage.Problem(
                finding.isError(),
                Bit.of(Legible.line(finding.position())),
                Bit.of(Legible.line(finding.message())),
                finding.code(),
                Bit.of(Legible.of(finding.render()).segments()));
    }

    private static PoliciesPage.Block block(Layer layer, List<Source> sources, Deeds deeds) {
        return new PoliciesPage.Block(
                Legible.line(layer.name()),
                layer.abstains(),
                layer.rules().stream().map(rule -> line(rule, sources, deeds)).toList());
    }

    private static PoliciesPage.Line line(Rule rule, List<Source> sources, Deeds deeds) {
        Deeds.Deed deed = deeds.of(rule.id().value());
        return new PoliciesPage.Line(
                rule.id().value(),
                Badge.ofEffect(rule.effect().text()),
                rule.shadow(),
                matches(rule.match()),
                rule.source()
                        .text("when")
                        .map(when -> Bit.of(Legible.line(when)))
                        .orElse(List.of()),
                rule.quorum().map(PoliciesPages::agreed).orElse(""),
                Bit.of(Legible.line(rule.position())),
                anchor(rule.position(), sources),
                deed.count(),
                deed.last(),
                "/console/audit?q=" + (rule.shadow() ? "shadow" : "rule") + "%3A"
                        + rule.id().value());
    }

    private static List<String> matches(Match match) {
        return Stream.of(
                        words(
                                "tools",
                                match.tools().stream().map(Glob::toString).toList()),
                        words("labels", match.labels()),
                        words("agents", match.agents()),
                        words("roles", match.roles()),
                        words("users", match.users()))
                .flatMap(List::stream)
                .toList();
    }

    private static List<String> words(String key, Collection<String> values) {
        return values.isEmpty()
                ? List.of()
                : List.of(key + ": " + Legible.line(String.join(", ", new TreeSet<>(values))));
    }

    private static String agreed(Quorum quorum) {
        return quorum.required() + " of " + Legible.line(String.join(", ", quorum.approvers()));
    }

    /// Anchor of a line, where its file is shown.
    private static String anchor(String position, List<Source> sources) {
        int colon = position.lastIndexOf(':');
        return IntStream.range(0, sources.size())
                .filter(index -> colon > 0 && sources.get(index).name().equals(position.substring(0, colon)))
                .mapToObj(index -> "file-" + index + "-" + position.substring(colon + 1))
                .findFirst()
                .orElse("");
    }

    private static PoliciesPage.SourceFile file(int index, Source source) {
        List<List<Bit>> lines = Stream.of(source.text().split("\r\n|\r|\n", -1))
                .map(line -> Bit.of(Legible.of(line).segments()))
                .toList();
        return new PoliciesPage.SourceFile(Bit.of(Legible.line(source.name())), "file-" + index + "-", lines);
    }

    private List<PoliciesPage.Version> versions() {
        var query = new Store.Query(null, null, null, null, null, "pack_activated");
        var versions = new ArrayList<PoliciesPage.Version>();
        for (Store.Found found : journal.search(query, Long.MAX_VALUE, VERSIONS)) {
            JsonObject entry = found.entry();
            versions.add(new PoliciesPage.Version(
                    entry.text("at").orElseThrow(),
                    entry.text("policy").orElseThrow(),
                    entry.integer("rules").orElseThrow(),
                    "/console/audit/" + found.seq()));
        }
        return versions;
    }
}
