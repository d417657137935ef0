package dev.guardrail.server.cli;

import dev.guardrail.approval.Eligibility;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonWriter;
import dev.guardrail.call.ToolDefinition;
import dev.guardrail.call.ToolName;
import dev.guardrail.pack.AutonomyReview;
import dev.guardrail.pack.Diagnostic;
import dev.guardrail.pack.PackReader;
import dev.guardrail.pack.PolicyPack;
import dev.guardrail.pack.Surroundings;
import dev.guardrail.pack.Surroundings.ServerKind;
import dev.guardrail.server.runner.WorkspaceTools;
import dev.guardrail.server.wiring.DataSettings;
import dev.guardrail.server.wiring.InvalidConfiguration;
import dev.guardrail.server.wiring.ReviewSettings;
import dev.guardrail.server.wiring.ShippedProfiles;
import dev.guardrail.server.wiring.StarterPolicy;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `review`: what agents may do by themselves, and what nothing covers.
@Command(
        name = "review",
        mixinStandardHelpOptions = true,
        description = {
            "Show every tool: what it does, whether it runs with nobody asked, who is asked, whether it can be undone, which"
                    + " rules govern it, and what nothing covers.",
            "",
            "Tools are those that `tools pull` wrote (--tools), of a running sidecar (--url, --key-file), or as pinned in"
                    + " the data directory; beside them, those that `kind: Tools` describes. Nothing is changed, and no"
                    + " server is asked."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:no gaps", "1:gaps", "2:nothing to review, or it has errors"})
final class Review implements Callable<Integer> {
    private static final int GAPS = 1;
    private static final int UNUSABLE = 2;

    @Parameters(
            arity = "0..*",
            paramLabel = "DIR",
            description = "Files or directories of policies; by default those that the configuration names.")
    private List<Path> roots = List.of();

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "Configuration; guardrail.yaml where there is one and no DIR is named.")
    private @Nullable Path config;

    @Option(names = "--tools", paramLabel = "FILE", description = "Tool definitions that `tools pull` wrote.")
    private @Nullable Path tools;

    @Mixin
    private final Reach reach = new Reach();

    @Override
    public Integer call() {
        try {
            return reviewed();
        } catch (InvalidConfiguration refused) {
            for (Diagnostic finding : refused.findings()) System.err.println(finding.render());
        } catch (IOException | Api.Refused refused) {
            System.err.println("guardrail: " + Screen.safe(String.valueOf(refused.getMessage())));
        }
        return UNUSABLE;
    }

    private int reviewed() throws IOException, InvalidConfiguration, Api.Refused {
        Optional<Path> file = configuration();
        Optional<ReviewSettings> settings =
                file.isPresent() ? Optional.of(ReviewSettings.read(file.get())) : Optional.empty();
        PinnedTools known = known(file);
        List<ToolDefinition> pinned = pinned(known.tools(), settings);
        PolicyPack pack = pack(pinned, settings);
        if (!pack.isSound()) {
            pack.diagnostics().stream()
                    .filter(Diagnostic::isError)
                    .forEach(error -> System.err.println(error.render()));
            throw new Api.Refused("policies with errors are never in force; mend them and review again");
        }
        var review = AutonomyReview.of(pack, pinned, surroundings(settings)).noting(waiting(known));
        if (reach.json()) System.out.println(shown(ReviewSheet.json(review)));
        else ReviewSheet.print(System.out, review);
        return review.gaps().isEmpty() ? 0 : GAPS;
    }

    private Optional<Path> configuration() {
        Path named = config;
        if (named != null) return Optional.of(named);
        return Optional.of(Path.of("guardrail.yaml")).filter(usual -> roots.isEmpty() && Files.exists(usual));
    }

    /// Definitions as servers gave them; where nobody says where to find them, what a guard of this configuration
    /// pinned.
    private PinnedTools known(Optional<Path> file) throws IOException, InvalidConfiguration, Api.Refused {
        if (tools != null) return new PinnedTools(PulledTools.of(tools), List.of());
        if (reach.isNamed()) {
            List<JsonObject> all = Asking.all(reach.api(), "/v1/tools");
            return new PinnedTools(
                    PulledTools.of(all),
                    all.stream()
                            .filter(tool -> tool.has("offered"))
                            .flatMap(tool -> tool.text("tool").stream())
                            .toList());
        }
        return file.isPresent() ? PinnedTools.in(DataSettings.read(file.get()).data()) : PinnedTools.NONE;
    }

    /// What the guard's own servers have needs no pin.
    private static List<ToolDefinition> pinned(List<ToolDefinition> known, Optional<ReviewSettings> settings) {
        var all = new ArrayList<>(known);
        settings.map(ReviewSettings::servers)
                .orElse(Map.of())
                .forEach((server, kind) -> own(kind)
                        .map(definition -> PulledTools.definition(
                                new ToolName(server, definition.text("name").orElseThrow()), definition))
                        .filter(tool ->
                                known.stream().noneMatch(other -> other.name().equals(tool.name())))
                        .forEach(all::add));
        return all;
    }

    private static Stream<JsonObject> own(ServerKind kind) {
        Stream<JsonObject> restoring = Stream.of(ToolName.LOOK, ToolName.RESTORE)
                .map(name -> JsonObject.with("name", name).build());
        return switch (kind) {
            case GUARDED, CALLER_RUN -> Stream.of();
            case WORKSPACE -> Stream.concat(WorkspaceTools.definitions().stream(), restoring);
            case RESTORING -> restoring;
        };
    }

    private PolicyPack pack(List<ToolDefinition> pinned, Optional<ReviewSettings> settings) throws Api.Refused {
        var reader = new PackReader(pinned).knowing(ShippedProfiles.profiles());
        List<Path> files = roots.isEmpty()
                ? settings.map(ReviewSettings::policies)
                        .orElseGet(() -> Stream.of(Path.of("policies"))
                                .filter(Files::exists)
                                .toList())
                : roots;
        for (Path root : files)
            if (!Files.exists(root)) throw new Api.Refused("there is no `" + root + "`; name a file or directory");
        // Where nobody configured anything the guard has the starter policy.
        return files.isEmpty() && settings.isEmpty() ? reader.readSources(StarterPolicy.sources()) : reader.read(files);
    }

    private static Surroundings surroundings(Optional<ReviewSettings> settings) {
        return settings.map(read -> new Surroundings(
                        Optional.of(read.servers()), quorum -> Eligibility.suffices(quorum, read.operators())))
                .orElse(Surroundings.UNKNOWN);
    }

    private static List<String> waiting(PinnedTools known) {
        return known.waiting().stream()
                .sorted()
                .map(tool -> "`" + tool + "` is denied until somebody accepts its definition: ./guardrail tools show "
                        + tool)
                .toList();
    }

    /// As others may read it without parsing it.
    private static String shown(JsonObject json) {
        return new String(JsonWriter.shown(json), StandardCharsets.UTF_8);
    }
}
