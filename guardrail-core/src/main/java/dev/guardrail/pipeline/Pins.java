package dev.guardrail.pipeline;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.ProblemType;
import dev.guardrail.base.Sha256;
import dev.guardrail.call.ToolDefinition;
import dev.guardrail.call.ToolEffect;
import dev.guardrail.call.ToolName;
import dev.guardrail.journal.Document;
import dev.guardrail.journal.Draft;
import dev.guardrail.journal.Entry;
import dev.guardrail.journal.Journal;
import dev.guardrail.journal.JournalUnavailable;
import dev.guardrail.journal.Kind;
import dev.guardrail.journal.StoreConflict;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.SequencedSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.stream.Stream;

/// The pinned catalogue. First sight of a definition in which nothing is found ([Inspection]) pins it; any other, and
/// any change, quarantines the tool until an operator accepts one by its digest. A tool that its server no longer lists
/// is not found but stays pinned. Each step is durable before it shows. Finding reads memory only; safe for concurrent
/// use.
public final class Pins implements Catalogue {
    private static final int PAGE = 500;
    private static final int ATTEMPTS = 3;

    private final Journal journal;
    private final Overlay overlay;
    private final Map<ToolName, Pin> pins = new ConcurrentHashMap<>();

    /// Tools of each server's latest listing, in its order; a server not yet heard has none, and its pins all
    /// count.
    private final Map<String, SequencedSet<ToolName>> listed = new ConcurrentHashMap<>();

    private final Map<String, SequencedMap<ToolName, Pin.Definition>> fixed = new ConcurrentHashMap<>();
    private final List<Consumer<String>> watchers = new CopyOnWriteArrayList<>();
    private final ReentrantLock writing = new ReentrantLock();

    /// Reads what is pinned.
    ///
    /// @param overlay asked at each look-up, so that a catalogue that changes is seen at once
    /// @throws JournalUnavailable if the store cannot be read
    public Pins(Journal journal, Overlay overlay) {
        this.journal = journal;
        this.overlay = overlay;
        String after = "";
        while (true) {
            var page = journal.find(Kind.TOOL, Document.Tags.NONE, after, PAGE);
            for (Document document : page) keep(Pin.read(document));
            if (page.size() < PAGE) return;
            after = page.getLast().key();
        }
    }

    @Override
    public Optional<ToolDefinition> find(ToolName name) {
        if (Requests.isRequest(name))
            return Requests.isAction(name) ? Optional.of(Requests.define(name, overlay)) : Optional.empty();
        var own = fixed.get(name.server());
        if (own != null) return Optional.ofNullable(own.get(name)).map(definition -> define(name, definition));
        var pin = pins.get(name);
        if (pin == null || pin.quarantined() || !present(name)) return Optional.empty();
        return pin.accepted().map(definition -> define(name, definition));
    }

    @Override
    public boolean isQuarantined(ToolName name) {
        var pin = fixed.containsKey(name.server()) ? null : pins.get(name);
        return pin != null && pin.quarantined();
    }

    @Override
    public List<ToolDefinition> list(String server) {
        return names(server).stream().flatMap(name -> find(name).stream()).toList();
    }

    /// A server's tools that only undoing can reach.
    public List<ToolDefinition> undoing(String server) {
        return fixed.getOrDefault(server, new LinkedHashMap<>()).keySet().stream()
                .filter(ToolName::isUndo)
                .flatMap(name -> find(name).stream())
                .toList();
    }

    /// How a tool stands; empty where no server ever listed it.
    public Optional<Standing> state(ToolName name) {
        var own = fixed.get(name.server());
        if (own != null)
            return Optional.ofNullable(own.get(name)).map(definition -> standing(Pin.first(name, definition)));
        return Optional.ofNullable(pins.get(name)).map(this::standing);
    }

    /// Every tool of a server, callable or not: first as listed, then those that are gone, by name.
    public List<Standing> states(String server) {
        var names = new ArrayList<>(names(server));
        pins.keySet().stream()
                .filter(name -> name.server().equals(server) && !names.contains(name))
                .sorted(java.util.Comparator.comparing(ToolName::name))
                .forEach(names::add);
        return names.stream().flatMap(name -> state(name).stream()).toList();
    }

    /// Tells a server's tools that need no pin: its definitions are the operator's, or our own. Those that only undoing
    /// can reach are found and never listed.
    public void fix(String server, List<JsonObject> definitions) {
        var tools = new LinkedHashMap<ToolName, Pin.Definition>();
        for (JsonObject definition : definitions)
            named(server, definition)
                    .ifPresent(name -> tools.put(name, Pin.Definition.of(name, definition, List.of())));
        fixed.put(server, java.util.Collections.unmodifiableSequencedMap(tools));
        tell(server);
    }

    /// Takes a server's whole listing. A name that stands twice with different definitions is a change like any
    /// other; definitions without a usable name are left out.
    ///
    /// @return the digest of each tool's definition as listed
    /// @throws JournalUnavailable if nothing could be pinned; the catalogue is then as before
    public Map<ToolName, Sha256> seen(String server, List<JsonObject> definitions) {
        var digests = new LinkedHashMap<ToolName, Sha256>();
        writing.lock();
        try {
            var offers = new ArrayList<Offer>();
            for (JsonObject json : definitions)
                name(server, json)
                        .ifPresent(name -> offers.add(new Offer(name, json, ToolDefinition.digest(name, json))));
            commit(() -> changed(server, offers), "guard");
            for (Offer offer : offers) digests.put(offer.tool(), offer.digest());
            listed.put(server, new LinkedHashSet<>(digests.keySet()));
        } finally {
            writing.unlock();
        }
        tell(server);
        return digests;
    }

    /// Accepts the definition that has this digest: the changed one, or (against the change) the pinned one
    /// again.
    ///
    /// @param operator whose decision it is, as entries show it
    /// @throws Refusal of type `not-found` for a tool that was never listed, of type `conflict` for another
    ///     digest
    public void accept(ToolName name, Sha256 digest, String operator) {
        writing.lock();
        try {
            commit(() -> accepted(name, digest), operator);
        } finally {
            writing.unlock();
        }
        tell(name.server());
    }

    /// Calls `watcher` with a server's name after its tools may have changed. It must not block.
    public void watch(Consumer<String> watcher) {
        watchers.add(watcher);
    }

    /// A tool as a listing has it.
    private record Offer(ToolName tool, JsonObject json, Sha256 digest) {
        Pin.Definition inspected(Lookalikes lookalikes) {
            return new Pin.Definition(ToolDefinition.pinned(json), digest, Inspection.of(tool, json, lookalikes));
        }
    }

    private Collection<Pin> changed(String server, List<Offer> offers) {
        var changed = new LinkedHashMap<ToolName, Pin>();
        Optional<Lookalikes> known = Optional.empty();
        for (Offer offer : offers) {
            var name = offer.tool();
            var pin = changed.getOrDefault(name, pins.get(name));
            if (pin != null && pin.latest().digest().equals(offer.digest())) continue;
            if (known.isEmpty()) known = Optional.of(known(server, offers));
            var definition = offer.inspected(known.get());
            changed.put(name, pin == null ? Pin.first(name, definition) : pin.offer(definition));
        }
        return changed.values();
    }

    /// A server's tools, listed now or ever.
    private Lookalikes known(String server, List<Offer> offers) {
        var names = offers.stream().map(Offer::tool);
        return new Lookalikes(Stream.concat(
                        pins.keySet().stream().filter(name -> name.server().equals(server)), names)
                .toList());
    }

    private Collection<Pin> accepted(ToolName name, Sha256 digest) {
        var pin = pins.get(name);
        if (pin == null) throw new Refusal(ProblemType.NOT_FOUND, "no server lists a tool `" + name + "`");
        var offered = pin.offered();
        if (offered.isPresent() && offered.get().digest().equals(digest)) return List.of(pin.accept(offered.get()));
        var accepted = pin.accepted()
                .filter(definition -> definition.digest().equals(digest))
                .orElseThrow(() -> new Refusal(
                        ProblemType.CONFLICT,
                        "`" + name + "` has no definition of this digest; look at it again first"));
        return offered.isPresent() ? List.of(pin.accept(accepted)) : List.of();
    }

    /// Makes changes durable, then visible. A crash between the two loses nothing: pins are read again at the
    /// start. Where another writer was faster, its pins are read and the changes worked out again.
    private void commit(java.util.function.Supplier<Collection<Pin>> changes, String by) {
        for (int attempt = 1; ; attempt++) {
            var changed = List.copyOf(changes.get());
            if (changed.isEmpty()) return;
            var draft = new Draft();
            for (Pin pin : changed) draft.entry(entry(pin, by)).change(pin.change());
            try {
                journal.commit(draft);
                changed.forEach(pin -> keep(pin.written()));
                return;
            } catch (StoreConflict outrun) {
                if (attempt == ATTEMPTS) throw new JournalUnavailable(outrun);
                for (Pin pin : changed)
                    journal.get(Kind.TOOL, pin.tool().toString()).ifPresent(document -> keep(Pin.read(document)));
            }
        }
    }

    private Entry entry(Pin pin, String by) {
        String state = pin.quarantined() ? "quarantined" : pin.version() == 0 ? "pinned" : "accepted";
        return new Entry.ToolSeen(journal.now(), pin.tool(), pin.latest().digest(), state, by);
    }

    private void keep(Pin pin) {
        pins.put(pin.tool(), pin);
    }

    private void tell(String server) {
        for (Consumer<String> watcher : watchers) watcher.accept(server);
    }

    private Standing standing(Pin pin) {
        var state = pin.quarantined()
                ? Standing.State.QUARANTINED
                : present(pin.tool()) ? Standing.State.PINNED : Standing.State.GONE;
        return new Standing(
                pin.tool(),
                state,
                pin.accepted().map(Pin.Definition::digest),
                pin.offered().map(Pin.Definition::digest),
                pin.accepted().map(Pin.Definition::json),
                pin.offered().map(Pin.Definition::json),
                pin.latest().findings());
    }

    private boolean present(ToolName name) {
        var latest = listed.get(name.server());
        return latest == null || fixed.containsKey(name.server()) || latest.contains(name);
    }

    private List<ToolName> names(String server) {
        var own = fixed.get(server);
        if (own != null)
            return own.keySet().stream().filter(name -> !name.isUndo()).toList();
        var latest = listed.get(server);
        if (latest != null) return List.copyOf(latest);
        return pins.keySet().stream()
                .filter(name -> name.server().equals(server))
                .sorted(java.util.Comparator.comparing(ToolName::name))
                .toList();
    }

    private ToolDefinition define(ToolName name, Pin.Definition definition) {
        var words = overlay.of(name, Optional.of(definition.json()));
        return new ToolDefinition(
                name,
                definition.json(),
                words.inputSchema().or(() -> definition.json().object("inputSchema")),
                effect(name, words),
                words.labels(),
                words.taints(),
                words.idempotent() || name.isUndo(),
                words.callerRun(),
                definition.digest(),
                words.undo());
    }

    /// What our own tools of undo do, nobody needs to tell.
    private static ToolEffect effect(ToolName name, Overlay.Attributes words) {
        if (!name.isUndo()) return words.effect();
        return name.name().equals(ToolName.LOOK) ? ToolEffect.READ : ToolEffect.WRITE;
    }

    /// A tool that a server can have; requests and what is left to undo are none.
    private static Optional<ToolName> name(String server, JsonObject definition) {
        return named(server, definition).filter(name -> !name.isUndo());
    }

    private static Optional<ToolName> named(String server, JsonObject definition) {
        try {
            return definition
                    .text("name")
                    .map(name -> new ToolName(server, name))
                    .filter(name -> !Requests.isRequest(name));
        } catch (IllegalArgumentException unusable) {
            return Optional.empty();
        }
    }
}
