package dev.guardrail.pipeline;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.ProblemType;
import dev.guardrail.base.Sha256;
import dev.guardrail.call.ToolDefinition;
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

/// The pinned catalogue. First sight of a definition pins it, any change quarantines the tool until an operator
/// accepts one by its digest, and a tool that its server no longer lists is not found but stays pinned. Each step
/// is durable before it shows. Finding reads memory only; safe for concurrent use.
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
        var own = fixed.get(name.server());
        if (own != null) return Optional.ofNullable(own.get(name)).map(definition -> define(name, definition));
        var pin = pins.get(name);
        if (pin == null || pin.quarantined() || !present(name)) return Optional.empty();
        return Optional.of(define(name, pin.accepted()));
    }

    @Override
    public List<ToolDefinition> list(String server) {
        return names(server).stream().flatMap(name -> find(name).stream()).toList();
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

    /// Tells a server's tools that need no pin: its definitions are the operator's, or our own.
    public void fix(String server, List<JsonObject> definitions) {
        var tools = new LinkedHashMap<ToolName, Pin.Definition>();
        for (JsonObject definition : definitions)
            name(server, definition).ifPresent(name -> tools.put(name, Pin.Definition.of(name, definition)));
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
            var offers = new ArrayList<Map.Entry<ToolName, Pin.Definition>>();
            for (JsonObject json : definitions) {
                name(server, json).ifPresent(name -> offers.add(Map.entry(name, Pin.Definition.of(name, json))));
            }
            commit(() -> changed(offers), "guard");
            for (var offer : offers)
                digests.put(offer.getKey(), offer.getValue().digest());
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

    private Collection<Pin> changed(List<Map.Entry<ToolName, Pin.Definition>> offers) {
        var changed = new LinkedHashMap<ToolName, Pin>();
        for (var offer : offers) {
            var name = offer.getKey();
            var definition = offer.getValue();
            var pin = changed.getOrDefault(name, pins.get(name));
            if (pin == null) changed.put(name, Pin.first(name, definition));
            else if (!pin.offered().orElse(pin.accepted()).digest().equals(definition.digest()))
                changed.put(name, pin.offer(definition));
        }
        return changed.values();
    }

    private Collection<Pin> accepted(ToolName name, Sha256 digest) {
        var pin = pins.get(name);
        if (pin == null) throw new Refusal(ProblemType.NOT_FOUND, "no server lists a tool `" + name + "`");
        var offered = pin.offered();
        if (offered.isPresent() && offered.get().digest().equals(digest)) return List.of(pin.accept(offered.get()));
        if (!pin.accepted().digest().equals(digest))
            throw new Refusal(
                    ProblemType.CONFLICT, "`" + name + "` has no definition of this digest; look at it again first");
        return offered.isPresent() ? List.of(pin.accept(pin.accepted())) : List.of();
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
        var definition = pin.offered().orElse(pin.accepted());
        String state = pin.quarantined() ? "quarantined" : pin.version() == 0 ? "pinned" : "accepted";
        return new Entry.ToolSeen(journal.now(), pin.tool(), definition.digest(), state, by);
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
                pin.accepted().digest(),
                pin.offered().map(Pin.Definition::digest),
                pin.accepted().json(),
                pin.offered().map(Pin.Definition::json));
    }

    private boolean present(ToolName name) {
        var latest = listed.get(name.server());
        return latest == null || fixed.containsKey(name.server()) || latest.contains(name);
    }

    private List<ToolName> names(String server) {
        var own = fixed.get(server);
        if (own != null) return List.copyOf(own.keySet());
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
                words.effect(),
                words.labels(),
                words.taints(),
                words.idempotent(),
                words.callerRun(),
                definition.digest());
    }

    private static Optional<ToolName> name(String server, JsonObject definition) {
        try {
            return definition.text("name").map(name -> new ToolName(server, name));
        } catch (IllegalArgumentException unusable) {
            return Optional.empty();
        }
    }
}
