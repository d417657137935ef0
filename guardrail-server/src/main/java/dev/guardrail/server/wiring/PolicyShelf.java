package dev.guardrail.server.wiring;

import dev.guardrail.base.JsonObject;
import dev.guardrail.call.Confinement;
import dev.guardrail.call.ToolDefinition;
import dev.guardrail.call.ToolName;
import dev.guardrail.journal.Draft;
import dev.guardrail.journal.Entry;
import dev.guardrail.journal.Journal;
import dev.guardrail.journal.StoreConflict;
import dev.guardrail.pack.Diagnostic;
import dev.guardrail.pack.PackFiles;
import dev.guardrail.pack.PackReader;
import dev.guardrail.pack.PolicyPack;
import dev.guardrail.pack.Source;
import dev.guardrail.pack.ToolCatalogue;
import dev.guardrail.pipeline.Overlay;
import dev.guardrail.policy.DecisionPoint;
import dev.guardrail.policy.PolicySet;
import dev.guardrail.sandbox.Profile;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// The policies in force, and the next ones: read, checked, journaled, then put into force. What is broken is never in
/// force; the last good version stays. Safe for concurrent use.
public final class PolicyShelf {
    private final Supplier<List<Source>> embedded;
    private final List<Path> roots;
    private final boolean isEmbedded;
    private final Set<String> callerServers;
    private final Set<String> channels;
    private final List<Consumer<ToolCatalogue>> listeners = new CopyOnWriteArrayList<>();
    private volatile Shelved shelved =
            new Shelved(new DecisionPoint(PolicySet.EMPTY), ToolCatalogue.EMPTY, Map.of(), List.of(), false);

    private volatile List<Diagnostic> refused = List.of();

    /// @param sources what was read
    /// @param loaded false before the first reading
    private record Shelved(
            DecisionPoint point,
            ToolCatalogue catalogue,
            Map<String, Profile> profiles,
            List<Source> sources,
            boolean loaded) {}

    /// How reading again ended.
    public sealed interface Reload {
        /// It is in force now.
        record Activated() implements Reload {}

        /// It says what was in force already.
        record Unchanged() implements Reload {}

        /// Errors were found; the last good version stays.
        record Rejected(List<Diagnostic> findings) implements Reload {
            public Rejected {
                findings = List.copyOf(findings);
            }
        }
    }

    /// @param embedded policies for a guard without any configuration
    /// @param callerServers names of servers whose tools callers run themselves
    PolicyShelf(Configuration configuration, Supplier<List<Source>> embedded, Set<String> callerServers) {
        this.embedded = embedded;
        this.roots = configuration.policies();
        this.isEmbedded = configuration.origin().isEmpty();
        this.callerServers = Set.copyOf(callerServers);
        this.channels = Set.copyOf(configuration.channels().keySet());
    }

    public DecisionPoint inForce() {
        return shelved.point();
    }

    public ToolCatalogue catalogue() {
        return shelved.catalogue();
    }

    /// The sandbox profile that a call was decided with, where it says what it did then.
    Optional<Profile> profile(Confinement confinement) {
        return Optional.ofNullable(shelved.profiles().get(confinement.profile()))
                .filter(profile -> profile.digest().equals(confinement.digest()));
    }

    /// What was read when the policies came into force.
    List<Source> sources() {
        return shelved.sources();
    }

    /// Why the last reading was refused; empty where it was not.
    List<Diagnostic> refused() {
        return refused;
    }

    /// Takes somebody who is told of each catalogue that comes into force.
    void onCatalogue(Consumer<ToolCatalogue> listener) {
        listeners.add(listener);
    }

    /// What the catalogue in force says of a tool.
    Overlay overlay() {
        return (tool, definition) -> {
            boolean callerRun = callerServers.contains(tool.server());
            return catalogue()
                    .describe(tool, definition)
                    .map(known -> new Overlay.Attributes(
                            known.inputSchema(),
                            known.effect(),
                            known.labels(),
                            known.taints(),
                            known.idempotent(),
                            callerRun,
                            known.undo()))
                    .orElse(Overlay.Attributes.UNKNOWN);
        };
    }

    /// Definitions of the tools of a server that the catalogue alone describes.
    List<JsonObject> definitions(String server) {
        ToolCatalogue catalogue = catalogue();
        return catalogue.names().stream()
                .filter(name -> name.server().equals(server))
                .sorted(java.util.Comparator.comparing(ToolName::name))
                .flatMap(name -> catalogue.describe(name, Optional.empty()).stream())
                .map(ToolDefinition::definition)
                .toList();
    }

    /// Reads the policies and puts them into force, where nothing is wrong with them.
    ///
    /// @param pinned against whose schemas conditions are checked
    /// @throws dev.guardrail.journal.JournalUnavailable if the change cannot be journaled; the last version stays
    public synchronized Reload load(Journal journal, Collection<ToolDefinition> pinned) {
        Reload reload = read(journal, pinned);
        refused = reload instanceof Reload.Rejected(List<Diagnostic> findings) ? findings : List.of();
        return reload;
    }

    private Reload read(Journal journal, Collection<ToolDefinition> pinned) {
        List<Diagnostic> untrusted = untrusted();
        if (!untrusted.isEmpty()) return new Reload.Rejected(untrusted);
        var reader = new PackReader(pinned, channels).knowing(ShippedProfiles.profiles());
        Optional<PackFiles> files = isEmbedded ? Optional.empty() : Optional.of(new PackFiles(roots));
        List<Source> sources = files.map(PackFiles::sources).orElseGet(embedded);
        PolicyPack pack = files.map(reader::read).orElseGet(() -> reader.readSources(sources));
        if (!pack.isSound())
            return new Reload.Rejected(
                    pack.diagnostics().stream().filter(Diagnostic::isError).toList());
        var point = new DecisionPoint(pack.policies());
        boolean same =
                shelved.point().policies().version().equals(pack.policies().version());
        if (same && shelved.loaded()) return new Reload.Unchanged();
        // A crash after this journals a version that was never in force: nothing was decided by it.
        activated(journal, pack.policies());
        shelved = new Shelved(point, pack.catalogue(), pack.profiles(), sources, true);
        listeners.forEach(listener -> listener.accept(pack.catalogue()));
        return new Reload.Activated();
    }

    /// Checks what is in force against the tools as they are pinned now: a listing may come later than the
    /// policies did. Nothing comes of it but the findings; a condition that does not fit a tool's arguments fails
    /// where it is asked, and narrows.
    ///
    /// @return errors and warnings, in order of file and position
    List<Diagnostic> recheck(Collection<ToolDefinition> pinned) {
        return new PackReader(pinned, channels)
                .knowing(ShippedProfiles.profiles())
                .readSources(shelved.sources())
                .diagnostics();
    }

    private static void activated(Journal journal, PolicySet policies) {
        long rules = policies.layers().stream()
                .mapToLong(layer -> layer.rules().size())
                .sum();
        try {
            journal.commit(new Draft().entry(new Entry.PackActivated(journal.now(), policies.version(), rules)));
        } catch (StoreConflict impossible) {
            throw new IllegalStateException("an entry alone replaces nothing", impossible);
        }
    }

    private List<Diagnostic> untrusted() {
        return roots.stream()
                .flatMap(root -> FileTrust.faults(root).stream()
                        .map(fault -> new Diagnostic(
                                Diagnostic.Severity.ERROR, "untrusted-file", root.toString(), 1, 1, fault, "")))
                .toList();
    }
}
