package dev.guardrail.server.console.health;

import dev.guardrail.journal.Journal;
import dev.guardrail.journal.Notary;
import dev.guardrail.pipeline.Pins;
import dev.guardrail.pipeline.Standing;
import dev.guardrail.proof.Checkpoint;
import dev.guardrail.server.console.Badge;
import dev.guardrail.server.console.Icon;
import dev.guardrail.server.console.Pages;
import dev.guardrail.server.console.ServerNames;
import dev.guardrail.server.console.Visit;
import dev.guardrail.server.console.Wing;
import dev.guardrail.server.console.policies.PolicyFiles;
import dev.guardrail.server.door.Policies;
import dev.guardrail.server.door.Readiness;
import io.micronaut.context.annotation.Requires;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Produces;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import java.lang.management.ManagementFactory;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// `/console/health`: whether calls are judged and journaled now, and what needs somebody's hand.
@Controller("/console/health")
@Produces(MediaType.ALL)
@ExecuteOn(TaskExecutors.BLOCKING)
@Requires(beans = Pages.class)
final class HealthPages {
    private static final Pages.Kind PAGE = new Pages.Kind("health.jte", Wing.HEALTH, "Health");

    private final Pages pages;
    private final Readiness readiness;
    private final Log log;
    private final Rules rules;
    private final Pins pins;
    private final ServerNames servers;
    private final ChannelReport channels;
    private final Latencies latencies;

    HealthPages(
            Pages pages,
            Readiness readiness,
            Journal journal,
            Notary notary,
            Policies policies,
            PolicyFiles files,
            Pins pins,
            ServerNames servers,
            ChannelReport channels,
            Latencies latencies) {
        this.pages = pages;
        this.readiness = readiness;
        this.log = new Log(journal, notary);
        this.rules = new Rules(policies, files);
        this.pins = pins;
        this.servers = servers;
        this.channels = channels;
        this.latencies = latencies;
    }

    private record Log(Journal journal, Notary notary) {}

    private record Rules(Policies policies, PolicyFiles files) {}

    @Get
    HttpResponse<?> show(HttpRequest<?> request) {
        return pages.answered(request, () -> pages.page(request, PAGE, page(Visit.of(request))));
    }

    private HealthPage page(Visit visit) {
        List<HealthPage.Check> checks = checks(visit);
        Instant since =
                Instant.ofEpochMilli(ManagementFactory.getRuntimeMXBean().getStartTime());
        return new HealthPage(
                checks.stream().noneMatch(check -> check.badge().tone().equals("deny")),
                since.toString(),
                checks,
                channels.all().stream().map(HealthPages::channel).toList(),
                latencies.all(),
                log(),
                rules.policies().inForce().policies().version().toString());
    }

    private List<HealthPage.Check> checks(Visit visit) {
        Optional<String> fault = readiness.fault();
        List<String> worries = readiness.worries();
        String files = visit.seesSources() ? "/console/policies" : "";
        int refused = rules.files().refused().size();
        long quarantined = quarantined();
        var checks = new ArrayList<HealthPage.Check>();
        checks.add(check(
                fault.isEmpty(),
                "Calls are judged and journaled",
                fault.map(word -> "No call can be judged now: " + word + ".").orElse(""),
                ""));
        checks.add(check(
                log.journal().store().writable(),
                "The log can be written",
                "Look at the disk and at the guard's own log.",
                ""));
        checks.add(check(
                !worries.contains("policies-watch"),
                "Changes of the policies are noticed at once",
                "Not every directory can be watched; the files are read again every 30 seconds.",
                ""));
        checks.add(check(
                refused == 0,
                "The policies' files are in force as they are",
                "Errors in them: " + refused + "; the last good version stays.",
                files));
        checks.add(check(
                quarantined == 0,
                "No tool is quarantined",
                "Waiting for an admin: " + quarantined + ".",
                "/console/tools"));
        checks.add(check(
                worries.stream().noneMatch(worry -> worry.startsWith("channel:")),
                "What people are told arrives",
                "What was last told through a channel did not arrive.",
                ""));
        return checks;
    }

    private static HealthPage.Check check(boolean good, String what, String otherwise, String url) {
        return good
                ? new HealthPage.Check(new Badge("allow", Icon.YES, "Good"), what, "", "")
                : new HealthPage.Check(new Badge("deny", Icon.WARNING, "Not so"), what, otherwise, url);
    }

    private long quarantined() {
        return servers.all().stream()
                .flatMap(server -> pins.states(server).stream())
                .filter(standing -> standing.state() == Standing.State.QUARANTINED)
                .count();
    }

    private HealthPage.Log log() {
        Checkpoint head = Checkpoint.parse(
                log.notary().latest().orElseGet(log.notary()::sign).text());
        return new HealthPage.Log(
                head.origin(),
                log.journal().store().size(),
                head.size(),
                head.root().toString());
    }

    private static HealthPage.Channel channel(ChannelReport.Line line) {
        Badge badge = line.failing()
                ? new Badge("deny", Icon.WARNING, "Failing")
                : line.lastDelivered().isPresent()
                        ? new Badge("allow", Icon.YES, "Delivers")
                        : new Badge("", Icon.MINUS, "Not used yet");
        return new HealthPage.Channel(
                line.name(),
                badge,
                line.lastDelivered().map(Instant::toString).orElse(""),
                line.lastFailed().map(Instant::toString).orElse(""),
                line.why().orElse(""));
    }
}
