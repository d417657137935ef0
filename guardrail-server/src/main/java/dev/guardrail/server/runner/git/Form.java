package dev.guardrail.server.runner.git;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import dev.guardrail.undo.ExactText;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// A snapshot as JSON: of the index what differs from the commit, of the work tree what differs from the index. What
/// was committed or staged stands there by its name alone.
final class Form {
    private static final long NANOS = 1_000_000_000;

    private Form() {}

    /// Files of a commit, by path.
    interface Listing {
        SortedMap<String, Index.Entry> of(Optional<String> commit) throws IOException;
    }

    static JsonObject of(Snapshot snapshot, SortedMap<String, Index.Entry> base) {
        var refs = JsonObject.builder();
        snapshot.refs().forEach(refs::with);
        var records = JsonObject.builder();
        snapshot.records()
                .forEach((name, bytes) ->
                        records.with(name, content(JsonObject.builder(), bytes).build()));
        return JsonObject.with("format", snapshot.format().name())
                .with("head", snapshot.head())
                .with("refs", refs.build())
                .with("records", records.build())
                .with("index", index(snapshot.index(), base))
                .with("usual", Usual.of(snapshot.items()).json())
                .with("work", work(snapshot))
                .with(
                        "times",
                        JsonArray.ofTexts(snapshot.times().values().stream()
                                .map(Form::text)
                                .toList()))
                .build();
    }

    private static JsonArray index(List<Index.Entry> index, SortedMap<String, Index.Entry> base) {
        var texts = new ArrayList<Json>();
        var there = new HashSet<String>();
        for (Index.Entry entry : index) {
            there.add(entry.path());
            if (!entry.equals(base.get(entry.path()))) texts.add(entry(entry));
        }
        for (String path : base.keySet())
            if (!there.contains(path))
                texts.add(JsonObject.with("path", path).with("gone", true).build());
        return new JsonArray(texts);
    }

    private static JsonObject entry(Index.Entry entry) {
        var json = JsonObject.with("path", entry.path())
                .with("mode", Integer.toOctalString(entry.mode()))
                .with("oid", entry.oid())
                .with("stage", entry.stage());
        if (entry.assumed()) json.with("assumed", true);
        if (entry.skipped()) json.with("skipped", true);
        if (entry.intended()) json.with("intended", true);
        return json.build();
    }

    private static JsonObject work(Snapshot snapshot) {
        Usual usual = Usual.of(snapshot.items());
        SortedMap<String, Item> expected = Snapshot.expected(snapshot.index(), usual);
        var paths = new TreeSet<>(expected.keySet());
        paths.addAll(snapshot.items().keySet());
        var work = JsonObject.builder();
        for (String path : paths) {
            Item item = snapshot.items().get(path);
            if (item == null)
                work.with(path, JsonObject.builder().with("none", true).build());
            else if (item.isFolder()) {
                boolean implied = item.mode() == usual.folder()
                        && holdsSomething(snapshot.items(), path)
                        && !expected.containsKey(path);
                if (!implied)
                    work.with(
                            path,
                            JsonObject.with("folder", Usual.text(item.mode())).build());
            } else if (!item.equals(expected.get(path))) work.with(path, leaf(item, snapshot.contents()));
        }
        return work.build();
    }

    private static boolean holdsSomething(SortedMap<String, Item> items, String folder) {
        SortedMap<String, Item> below = items.tailMap(folder + "/");
        return !below.isEmpty() && below.firstKey().startsWith(folder + "/");
    }

    private static JsonObject leaf(Item item, Map<String, byte[]> contents) {
        var json = JsonObject.builder();
        if (item.kind() == Item.Kind.FILE) json.with("file", Usual.text(item.mode()));
        else json.with("link", true);
        byte[] bytes = contents.get(item.oid());
        return bytes == null
                ? json.with("oid", item.oid()).build()
                : content(json, bytes).build();
    }

    /// A text where it is one, so that secrets in it are found; else Base64.
    private static JsonObject.Builder content(JsonObject.Builder json, byte[] bytes) {
        Optional<String> text = ExactText.of(bytes);
        return text.isPresent()
                ? json.with("text", text.get())
                : json.with("base64", Base64.getEncoder().encodeToString(bytes));
    }

    /// The snapshot that is meant.
    ///
    /// @throws IllegalArgumentException where it is none
    static Snapshot parse(JsonObject json, Listing listing) throws IOException {
        var format = ObjectFormat.valueOf(text(json, "format"));
        var refs = new TreeMap<String, String>();
        object(json, "refs").members().forEach((name, id) -> {
            if (id instanceof JsonText(String text)) refs.put(name, text);
        });
        var records = new TreeMap<String, byte[]>();
        for (var member : object(json, "records").members().entrySet())
            if (member.getValue() instanceof JsonObject record)
                records.put(member.getKey(), Objects.requireNonNull(bytes(record)));
        String head = text(json, "head");
        List<Index.Entry> index = index(json, listing.of(Snapshot.commit(head, refs)));
        var contents = new TreeMap<String, byte[]>();
        SortedMap<String, Item> items = items(json, index, format, contents);
        return new Snapshot(format, head, refs, records, index, items, times(json, items), contents);
    }

    /// Of each file, in the order of their paths.
    private static SortedMap<String, Instant> times(JsonObject json, SortedMap<String, Item> items) {
        List<String> files = items.keySet().stream()
                .filter(path -> items.get(path) instanceof Item item && item.kind() == Item.Kind.FILE)
                .toList();
        List<String> texts = json.array("times").orElse(JsonArray.EMPTY).texts();
        if (texts.size() != files.size()) throw new IllegalArgumentException("times");
        var times = new TreeMap<String, Instant>();
        for (int i = 0; i < files.size(); i++) times.put(files.get(i), time(texts.get(i)));
        return times;
    }

    /// Nanoseconds since 1970, short: there is one for every file.
    private static String text(Instant time) {
        return Long.toString(Math.addExact(Math.multiplyExact(time.getEpochSecond(), NANOS), time.getNano()), 36);
    }

    private static Instant time(String text) {
        long nanos = Long.parseLong(text, 36);
        return Instant.ofEpochSecond(Math.floorDiv(nanos, NANOS), Math.floorMod(nanos, NANOS));
    }

    private static List<Index.Entry> index(JsonObject json, SortedMap<String, Index.Entry> base) {
        var told = json.array("index").orElse(JsonArray.EMPTY).objects();
        var rest = new TreeMap<>(base);
        told.forEach(entry -> rest.remove(text(entry, "path")));
        var entries = new ArrayList<>(rest.values());
        for (JsonObject entry : told)
            if (!entry.isTrue("gone"))
                entries.add(new Index.Entry(
                        text(entry, "path"),
                        Usual.mode(entry, "mode"),
                        text(entry, "oid"),
                        (int) entry.integer("stage").orElseThrow(),
                        entry.isTrue("assumed"),
                        entry.isTrue("skipped"),
                        entry.isTrue("intended")));
        entries.sort(Index.Entry.ORDER);
        return entries;
    }

    private static SortedMap<String, Item> items(
            JsonObject json, List<Index.Entry> index, ObjectFormat format, Map<String, byte[]> contents) {
        Usual usual = Usual.of(object(json, "usual"));
        SortedMap<String, Item> items = Snapshot.expected(index, usual);
        for (var member : object(json, "work").members().entrySet()) {
            if (!(member.getValue() instanceof JsonObject told)) continue;
            String path = member.getKey();
            if (told.isTrue("none")) items.remove(path);
            else if (told.has("folder")) items.put(path, Item.folder(Usual.mode(told, "folder")));
            else items.put(path, leaf(told, format, contents));
        }
        for (String path : List.copyOf(items.keySet()))
            for (String up = Tree.parent(path); !up.isEmpty(); up = Tree.parent(up))
                items.putIfAbsent(up, Item.folder(usual.folder()));
        return items;
    }

    private static Item leaf(JsonObject told, ObjectFormat format, Map<String, byte[]> contents) {
        byte[] bytes = bytes(told);
        String oid = bytes == null ? text(told, "oid") : format.blob(bytes);
        if (bytes != null) contents.put(oid, bytes);
        return told.isTrue("link") ? Item.link(oid) : Item.file(Usual.mode(told, "file"), oid);
    }

    private static byte @Nullable [] bytes(JsonObject json) {
        Optional<String> text = json.text("text");
        if (text.isPresent()) return text.get().getBytes(UTF_8);
        return json.text("base64").map(Base64.getDecoder()::decode).orElse(null);
    }

    private static String text(JsonObject json, String name) {
        return json.text(name).orElseThrow(() -> new IllegalArgumentException(name));
    }

    private static JsonObject object(JsonObject json, String name) {
        return json.object(name).orElseThrow(() -> new IllegalArgumentException(name));
    }
}
