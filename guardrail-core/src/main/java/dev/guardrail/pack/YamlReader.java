package dev.guardrail.pack;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.common.Anchor;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.MappingStartEvent;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.events.SequenceStartEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/// Reads the documents of one file as [Yaml], strictly: duplicate keys, tags, merge keys, empty documents, deep
/// nesting and aliases beyond a cap are errors. It works on the parser's events, so that nothing is expanded before
/// it is counted.
public final class YamlReader {
    /// Longest file, in characters.
    static final int LENGTH = 16 * 1024 * 1024;

    /// Deepest nesting of sequences and mappings.
    static final int DEPTH = 32;

    /// Most aliases in a file.
    static final int ALIASES = 64;

    /// Most nodes in a document, aliases expanded.
    static final long NODES = 2_000_000;

    private final Findings findings;
    private final Iterator<Event> events;
    private final Map<Anchor, Optional<Yaml>> anchors = new HashMap<>();
    private int aliases;

    /// Stops the reading of a file at its first fault of syntax; the finding is made already.
    private static final class Broken extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Broken() {
            super("the file is broken", null, false, false);
        }
    }

    private YamlReader(String text, Findings findings) {
        this.findings = findings;
        var settings = LoadSettings.builder().setCodePointLimit(LENGTH).build();
        this.events = new Parse(settings).parseString(text).iterator();
    }

    /// @return the documents up to the first fault of syntax, which is then among the findings
    public static List<Yaml> read(Source source, Findings findings) {
        if (source.text().length() > LENGTH) {
            findings.error(Place.START, "too-large", "the file is longer than " + LENGTH + " characters");
            return List.of();
        }
        var documents = new ArrayList<Yaml>();
        try {
            new YamlReader(source.text(), findings).documents(documents);
        } catch (Broken found) {
            return documents;
        } catch (MarkedYamlEngineException broken) {
            Place place = broken.getProblemMark().map(YamlReader::place).orElse(Place.START);
            findings.error(place, "yaml", String.valueOf(broken.getProblem()));
        } catch (ReaderException unprintable) {
            findings.error(
                    place(source.text(), unprintable.getPosition()),
                    "yaml",
                    "the character U+%04X may not stand in YAML".formatted(unprintable.getCodePoint()));
        } catch (YamlEngineException broken) {
            findings.error(Place.START, "yaml", String.valueOf(broken.getMessage()));
        }
        return documents;
    }

    private void documents(List<Yaml> documents) {
        while (events.hasNext()) {
            Event event = events.next();
            switch (event.getEventId()) {
                case StreamStart, StreamEnd, DocumentEnd, Comment -> {}
                case DocumentStart -> {
                    anchors.clear();
                    documents.add(document());
                }
                case Alias, Scalar, SequenceStart, SequenceEnd, MappingStart, MappingEnd ->
                    throw broken(place(event), "yaml", "a document was expected here");
            }
        }
        if (documents.isEmpty()) throw broken(Place.START, "empty-document", "there is no document in this file");
    }

    private Yaml document() {
        Yaml root = node(events.next(), 0);
        if (root instanceof Yaml.Scalar scalar && scalar.isNull())
            findings.error(scalar.place(), "empty-document", "this document is empty");
        return root;
    }

    private Yaml node(Event event, int depth) {
        if (event instanceof AliasEvent alias) return alias(alias);
        var node = (NodeEvent) event;
        node.getAnchor().ifPresent(anchor -> anchors.put(anchor, Optional.empty()));
        Yaml read = switch (node) {
            case ScalarEvent scalar -> scalar(scalar);
            case SequenceStartEvent start -> sequence(start, depth);
            case MappingStartEvent start -> mapping(start, depth);
            default -> throw broken(place(event), "yaml", "a value was expected here");
        };
        node.getAnchor().ifPresent(anchor -> anchors.put(anchor, Optional.of(read)));
        return read;
    }

    private Yaml alias(AliasEvent alias) {
        if (++aliases > ALIASES) throw broken(place(alias), "alias", "there are more than " + ALIASES + " aliases");
        Optional<Yaml> target = anchors.getOrDefault(alias.getAlias(), Optional.empty());
        return target.orElseThrow(() -> broken(
                place(alias),
                "alias",
                anchors.containsKey(alias.getAlias())
                        ? "the alias `" + alias.getAlias() + "` stands inside what it names"
                        : "nothing is anchored as `" + alias.getAlias() + "` in this document"));
    }

    private Yaml scalar(ScalarEvent scalar) {
        refuseTag(scalar.getTag(), scalar);
        refuseSurrogates(scalar);
        Yaml.Style style = switch (scalar.getScalarStyle()) {
            case PLAIN -> Yaml.Style.PLAIN;
            case SINGLE_QUOTED, DOUBLE_QUOTED, JSON_SCALAR_STYLE -> Yaml.Style.QUOTED;
            case LITERAL, FOLDED -> Yaml.Style.BLOCK;
        };
        return new Yaml.Scalar(scalar.getValue(), style, place(scalar));
    }

    private Yaml sequence(CollectionStartEvent start, int depth) {
        enter(start, depth);
        var items = new ArrayList<Yaml>();
        long size = 1;
        for (Event event = events.next(); event.getEventId() != Event.ID.SequenceEnd; event = events.next()) {
            Yaml item = node(event, depth + 1);
            size = count(size + item.size(), event);
            items.add(item);
        }
        return new Yaml.Sequence(items, place(start), size);
    }

    private Yaml mapping(CollectionStartEvent start, int depth) {
        enter(start, depth);
        var entries = new LinkedHashMap<String, Yaml.Entry>();
        long size = 1;
        for (Event event = events.next(); event.getEventId() != Event.ID.MappingEnd; event = events.next()) {
            String key = key(event);
            Yaml value = node(events.next(), depth + 1);
            size = count(size + value.size() + 1, event);
            Yaml.Entry first = entries.putIfAbsent(key, new Yaml.Entry(place(event), value));
            if (first != null)
                findings.error(
                        place(event),
                        "duplicate-key",
                        "the key `" + key + "` stands in line " + first.key().line() + " already");
        }
        return new Yaml.Mapping(entries, place(start), size);
    }

    private String key(Event event) {
        if (!(event instanceof ScalarEvent scalar)) throw broken(place(event), "yaml", "a key must be a plain text");
        refuseTag(scalar.getTag(), scalar);
        refuseSurrogates(scalar);
        if (scalar.getAnchor().isPresent()) throw broken(place(event), "alias", "a key must not be anchored");
        if (scalar.isPlain() && scalar.getValue().equals("<<"))
            throw broken(place(event), "merge-key", "merge keys are not read; write the keys out");
        return scalar.getValue();
    }

    private void enter(CollectionStartEvent start, int depth) {
        refuseTag(start.getTag(), start);
        if (depth >= DEPTH)
            throw broken(place(start), "too-deep", "this is nested more than " + DEPTH + " levels deep");
    }

    private void refuseTag(Optional<String> tag, Event event) {
        if (tag.isPresent()) throw broken(place(event), "tag", "the tag `" + tag.get() + "` is not read; take it away");
    }

    /// An escape can write half a character (`"\\ud800"`), which no other format can carry.
    private void refuseSurrogates(ScalarEvent scalar) {
        if (scalar.getValue().codePoints().anyMatch(point -> point >= 0xD800 && point <= 0xDFFF))
            throw broken(place(scalar), "yaml", "this text holds half a surrogate pair");
    }

    private long count(long size, Event event) {
        if (size > NODES)
            throw broken(place(event), "alias", "with its aliases this document has more than " + NODES + " nodes");
        return size;
    }

    private Broken broken(Place place, String code, String message) {
        findings.error(place, code, message);
        return new Broken();
    }

    private static Place place(Event event) {
        return event.getStartMark().map(YamlReader::place).orElse(Place.START);
    }

    private static Place place(Mark mark) {
        return new Place(mark.getLine() + 1, mark.getColumn() + 1);
    }

    private static Place place(@Nullable String text, int index) {
        if (text == null) return Place.START;
        String before =
                text.substring(0, text.offsetByCodePoints(0, Math.min(index, text.codePointCount(0, text.length()))));
        int lineStart = before.lastIndexOf('\n') + 1;
        int line = (int) before.chars().filter(c -> c == '\n').count();
        return new Place(line + 1, before.codePointCount(lineStart, before.length()) + 1);
    }
}
