package dev.guardrail.pack;

import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.call.Template;
import dev.guardrail.call.ToolName;
import dev.guardrail.call.UndoHook;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// Reads how a tool's calls are taken back (`undo:`). What a hook names is looked for once every file is read.
final class HookReader {
    private static final List<String> KEYS = List.of(
            "before",
            "compensate",
            "whenAbsent",
            "check",
            "keep",
            "cannot",
            "correction",
            "by",
            "target",
            "probe",
            "partial",
            "touches");
    private static final List<String> BY_ITSELF =
            List.of("before", "compensate", "whenAbsent", "check", "cannot", "correction", "touches");
    private static final List<String> ACT = List.of("tool", "args");
    private static final List<String> LOOK = List.of("tool", "args", "absentAs", "absentWhen");
    private static final List<String> PROBE = List.of("tool", "args", "absentAs", "absentWhen", "absentAfter");
    private static final Duration LATEST = Duration.ofHours(1);
    private static final Duration LONGEST = Duration.ofDays(365);

    private final Mentions mentions = new Mentions();

    /// @return empty where nothing of it can be relied on
    Optional<UndoHook> read(ToolName tool, Yaml yaml, Findings findings) {
        return Fields.of(yaml, "an `undo`", KEYS, findings).flatMap(fields -> {
            Optional<UndoHook.Probe> probe = probe(tool, fields, findings);
            return hook(tool, fields, findings)
                    .map(hook -> partial(hook, fields, findings).probed(probe));
        });
    }

    /// What is there after a call that failed is held against what was there before it: both have to be the same look.
    private static UndoHook partial(UndoHook hook, Fields fields, Findings findings) {
        boolean partial = fields.bool("partial").orElse(false);
        if (partial && !hook.checksBefore())
            findings.error(
                    fields.key("partial"),
                    "no-effect",
                    "`partial` says nothing where `check` does not read again what `before` read");
        return hook.partial(partial);
    }

    private Optional<UndoHook> hook(ToolName tool, Fields fields, Findings findings) {
        if (fields.has("by") || fields.has("target")) return restored(tool, fields, findings);
        Optional<UndoHook.Look> before = look(tool, fields, "before", Set.of("args", "call"), findings);
        Set<String> after = before.isPresent() ? Set.of("args", "before", "result", "now", "call") : acting();
        Optional<UndoHook.Act> compensate = act(tool, fields, "compensate", after, findings);
        Optional<UndoHook.Act> whenAbsent = act(tool, fields, "whenAbsent", acting(), findings);
        Optional<UndoHook.Act> correction = act(tool, fields, "correction", known(), findings);
        Duration keep = fields.duration("keep", LONGEST).orElse(UndoHook.KEPT);
        Optional<UndoHook.Look> check = isSame(fields) ? before : look(tool, fields, "check", known(), findings);
        Optional<String> cannot = fields.text("cannot");
        if (!fits(fields, findings)) return Optional.empty();
        Optional<Template> touches = touches(fields, findings);
        return Optional.of(
                new UndoHook(before, compensate, whenAbsent, check, keep, cannot, correction).about(touches));
    }

    /// By a server of ours, which says itself what it reads and how it puts that back.
    private Optional<UndoHook> restored(ToolName hooked, Fields fields, Findings findings) {
        int before = findings.all().size();
        for (String key : BY_ITSELF)
            if (fields.has(key)) findings.error(fields.key(key), "no-effect", "`" + key + "` says nothing beside `by`");
        Duration keep = fields.duration("keep", LONGEST).orElse(UndoHook.KEPT);
        Optional<String> server = fields.requiredText("by");
        if (server.isPresent() && !ToolName.isServer(server.get()))
            findings.error(
                    fields.value("by").orElseThrow().place(), "wrong-name", "`" + server.get() + "` is no server");
        Optional<Yaml> target = fields.required("target");
        if (target.isPresent() && !(target.get() instanceof Yaml.Mapping))
            findings.error(
                    target.get().place(), "wrong-type", "`target` is a mapping, not " + Fields.kind(target.get()));
        target.ifPresent(yaml -> unreserved(yaml, findings));
        if (findings.all().size() > before || server.isEmpty() || target.isEmpty()) return Optional.empty();
        var look = new ToolName(server.get(), ToolName.LOOK);
        return Optional.of(UndoHook.by(
                server.get(),
                template(
                        hooked,
                        look,
                        target,
                        fields.value("by").orElseThrow().place(),
                        Set.of("args", "call"),
                        false,
                        findings),
                keep));
    }

    private static void unreserved(Yaml target, Findings findings) {
        if (target instanceof Yaml.Mapping mapping)
            mapping.entries().forEach((name, entry) -> {
                if (UndoHook.RESERVED.contains(name))
                    findings.error(
                            entry.key(),
                            "wrong-name",
                            "`" + name + "` is the guard's own word; name it otherwise in `target`");
            });
    }

    /// What the call is about, as texts with places of its arguments.
    private static Optional<Template> touches(Fields fields, Findings findings) {
        if (!fields.has("touches")) return Optional.empty();
        var names = List.copyOf(fields.texts("touches"));
        places(fields.value("touches").orElseThrow(), Set.of("args", "call"), findings);
        return Optional.of(new Template(
                JsonObject.with(UndoHook.NAMES, JsonArray.ofTexts(names)).build()));
    }

    /// What is known when something is put back.
    private static Set<String> acting() {
        return Set.of("args", "result", "now", "call");
    }

    private static Set<String> known() {
        return Set.of("args", "result", "call");
    }

    /// True where what was read before is read again: as `check: before` says, and where nothing else is said.
    private static boolean isSame(Fields fields) {
        return !fields.has("check")
                || fields.value("check").orElseThrow() instanceof Yaml.Scalar(String word, var style, var place)
                        && word.equals("before");
    }

    /// What may stand beside what.
    private static boolean fits(Fields fields, Findings findings) {
        boolean undoes = fields.has("compensate") || fields.has("whenAbsent");
        boolean cannot = fields.has("cannot");
        int before = findings.all().size();
        if (undoes == cannot)
            findings.error(
                    fields.place(),
                    "no-undo",
                    "an `undo` has a `compensate` or `whenAbsent`, or says `cannot` and why");
        if (fields.has("correction") && !cannot)
            findings.error(fields.key("correction"), "no-effect", "`correction` says nothing without `cannot`");
        for (String key : List.of("before", "check"))
            if (cannot && fields.has(key))
                findings.error(fields.key(key), "no-effect", "`" + key + "` says nothing beside `cannot`");
        if (undoes && !fields.has("before") && (!fields.has("check") || isSame(fields)))
            findings.error(
                    fields.has("check") ? fields.key("check") : fields.place(),
                    "missing-key",
                    "an `undo` needs a `before` or a `check` that reads something:"
                            + " nobody could tell what others changed since");
        boolean absence = fields.value("before")
                .filter(yaml -> yaml instanceof Yaml.Mapping mapping
                        && (mapping.entries().containsKey("absentAs")
                                || mapping.entries().containsKey("absentWhen")))
                .isPresent();
        if (fields.has("whenAbsent") && !absence)
            findings.error(
                    fields.key("whenAbsent"),
                    "no-effect",
                    "`whenAbsent` says nothing without a `before` that can find nothing: `absentAs: null`");
        return findings.all().size() == before;
    }

    private Optional<UndoHook.Act> act(
            ToolName hooked, Fields fields, String key, Set<String> roots, Findings findings) {
        return fields.value(key)
                .flatMap(yaml -> Fields.of(yaml, "a `" + key + "`", ACT, findings))
                .flatMap(act -> tool(hooked, act, findings)
                        .map(tool -> new UndoHook.Act(
                                tool, template(hooked, tool, act.value("args"), named(act), roots, false, findings))));
    }

    private Optional<UndoHook.Look> look(
            ToolName hooked, Fields fields, String key, Set<String> roots, Findings findings) {
        return fields.value(key)
                .flatMap(yaml -> Fields.of(yaml, "a `" + key + "`", LOOK, findings))
                .flatMap(look -> look(hooked, look, roots, findings));
    }

    private Optional<UndoHook.Look> look(ToolName hooked, Fields look, Set<String> roots, Findings findings) {
        return tool(hooked, look, findings)
                .map(tool -> new UndoHook.Look(
                        tool,
                        template(hooked, tool, look.value("args"), named(look), roots, true, findings),
                        absence(look, findings)));
    }

    /// It has to be about the very call, so it names something of it.
    private Optional<UndoHook.Probe> probe(ToolName hooked, Fields fields, Findings findings) {
        Optional<Fields> read = fields.value("probe").flatMap(yaml -> Fields.of(yaml, "a `probe`", PROBE, findings));
        if (read.isEmpty()) return Optional.empty();
        Duration late = read.get().duration("absentAfter", LATEST).orElse(UndoHook.Probe.LATE);
        Optional<UndoHook.Look> look = look(hooked, read.get(), Set.of("args", "call"), findings);
        boolean absence = look.flatMap(UndoHook.Look::absentWhen).isPresent();
        if (read.get().has("absentAfter") && !absence)
            findings.error(
                    read.get().key("absentAfter"),
                    "no-effect",
                    "`absentAfter` says nothing where nothing can be absent: `absentAs: null`");
        if (look.isPresent() && look.get().args().roots().isEmpty())
            findings.error(
                    fields.key("probe"),
                    "missing-place",
                    "a `probe` asks about one call, so its `args` hold something of it: `${args.key}`, `${call.id}`");
        return look.map(question -> new UndoHook.Probe(question, late));
    }

    private static Place named(Fields fields) {
        return fields.value("tool").orElseThrow().place();
    }

    private static Optional<UndoHook.Absence> absence(Fields look, Findings findings) {
        Optional<Yaml> as = look.value("absentAs");
        if (as.isPresent() && !(as.get() instanceof Yaml.Scalar scalar && scalar.isNull()))
            findings.error(as.get().place(), "wrong-type", "`absentAs` is `null`, the only way to be absent");
        Optional<String> words = look.text("absentWhen");
        return as.isPresent() || words.isPresent()
                ? Optional.of(new UndoHook.Absence(words.orElse("")))
                : Optional.empty();
    }

    /// A tool of the same server.
    private static Optional<ToolName> tool(ToolName hooked, Fields fields, Findings findings) {
        return fields.requiredText("tool").flatMap(name -> {
            try {
                return Optional.of(new ToolName(hooked.server(), name));
            } catch (IllegalArgumentException malformed) {
                findings.error(
                        fields.value("tool").orElseThrow().place(),
                        "wrong-name",
                        "`" + name + "` is no name of a tool");
                return Optional.empty();
            }
        });
    }

    private Template template(
            ToolName hooked,
            ToolName tool,
            Optional<Yaml> args,
            Place named,
            Set<String> roots,
            boolean reads,
            Findings findings) {
        Optional<Yaml.Mapping> mapping =
                args.flatMap(yaml -> yaml instanceof Yaml.Mapping found ? Optional.of(found) : Optional.empty());
        if (args.isPresent() && mapping.isEmpty())
            findings.error(args.get().place(), "wrong-type", "`args` is a mapping, not " + Fields.kind(args.get()));
        mapping.ifPresent(found -> places(found, roots, findings));
        mentions.add(new Mentions.Mention(hooked, tool, named, mapping, reads, findings));
        return new Template(
                mapping.flatMap(found -> found.json() instanceof JsonObject json ? Optional.of(json) : Optional.empty())
                        .orElse(JsonObject.EMPTY));
    }

    /// Judges the places of a template where they stand.
    private static void places(Yaml yaml, Set<String> roots, Findings findings) {
        switch (yaml) {
            case Yaml.Mapping mapping ->
                mapping.entries().values().forEach(entry -> places(entry.value(), roots, findings));
            case Yaml.Sequence sequence -> sequence.items().forEach(item -> places(item, roots, findings));
            case Yaml.Scalar scalar -> {
                var template =
                        new Template(JsonObject.with("text", scalar.value()).build());
                for (String place : template.malformed())
                    findings.error(
                            scalar.place(),
                            "wrong-place",
                            "`${" + place + "}` is no place such as `${args.path}` or `${before.content[0].text}`");
                if (!template.malformed().isEmpty()) return;
                for (String root : template.roots())
                    if (!roots.contains(root))
                        findings.error(
                                scalar.place(),
                                "unknown-place",
                                "there is no `" + root + "` here; there is " + String.join(", ", new TreeSet<>(roots)));
            }
        }
    }

    /// Looks for everything that hooks name, now that every file is read.
    void check(KnownTools tools, ToolCatalogue catalogue) {
        mentions.check(tools, catalogue);
    }
}
