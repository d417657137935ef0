package dev.guardrail.pack;

import dev.guardrail.base.JsonObject;
import dev.guardrail.call.Purpose;
import dev.guardrail.call.Risk;
import dev.guardrail.call.Subject;
import dev.guardrail.call.ToolName;
import dev.guardrail.policy.Effect;
import dev.guardrail.policy.RuleId;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// Reads the cases of `PolicyTest` documents. A test is one call; or `cases`, rows that each replace what they say
/// and are judged apart; or `steps`, calls one after the other in one session.
final class CaseReader {
    private static final List<String> DOCUMENT = List.of("apiVersion", "kind", "metadata", "policies", "tests");
    private static final List<String> TEST = List.of(
            "name",
            "session",
            "agent",
            "roles",
            "user",
            "time",
            "root",
            "paths",
            "approved",
            "call",
            "expect",
            "cases",
            "steps");
    private static final List<String> SESSION =
            List.of("task", "taskTrusted", "taints", "irreversible", "messages", "calls");
    private static final int MOST_COUNTED = 999_999_999;
    private static final List<String> PAST = List.of("tool", "args", "ok", "result");
    private static final List<String> STEP = List.of("call", "expect", "approved", "ok");
    private static final List<String> CALL = List.of("tool", "args", "reason", "risk", "purpose");
    private static final List<String> EXPECT =
            List.of("effect", "rule", "rules", "arguments", "message", "cause", "final", "delay", "sandbox");
    private static final List<String> EFFECTS =
            Arrays.stream(Effect.values()).map(Effect::text).toList();
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

    private final Findings findings;
    private final List<PackCase> cases = new ArrayList<>();

    private CaseReader(Findings findings) {
        this.findings = findings;
    }

    static List<PackCase> read(Document document) {
        var reader = new CaseReader(document.findings());
        Fields.of(document.yaml(), "a PolicyTest", DOCUMENT, document.findings())
                .ifPresent(fields -> {
                    fields.scalars("policies");
                    if (fields.required("tests").isEmpty()) return;
                    for (Yaml test : fields.list("tests")) reader.test(test);
                });
        return reader.cases;
    }

    private void test(Yaml yaml) {
        Fields.of(yaml, "a test", TEST, findings).ifPresent(fields -> {
            Optional<String> name = fields.requiredText("name");
            if (name.isEmpty()) return;
            long shapes = List.of("call", "cases", "steps").stream()
                    .filter(fields::has)
                    .count();
            if (fields.has("cases")) rows(name.get(), (Yaml.Mapping) yaml, fields);
            else if (fields.has("steps") && shapes == 1) steps(name.get(), fields);
            else if (shapes == 1) single(name.get(), fields);
            else findings.error(fields.place(), "missing-key", "a test has one of `call`, `cases` and `steps`");
        });
    }

    private void single(String name, Fields fields) {
        var steps = new ArrayList<PackCase.Step>();
        step(fields).ifPresent(steps::add);
        add(name, fields, steps);
    }

    private void steps(String name, Fields fields) {
        var steps = new ArrayList<PackCase.Step>();
        for (Yaml yaml : fields.list("steps"))
            Fields.of(yaml, "a step", STEP, findings).flatMap(this::step).ifPresent(steps::add);
        add(name, fields, steps);
    }

    /// Each row is a test of its own: the table's keys, with the row's instead where it has them.
    private void rows(String name, Yaml.Mapping table, Fields fields) {
        int number = 0;
        for (Yaml yaml : fields.list("cases")) {
            number++;
            if (!(yaml instanceof Yaml.Mapping row)) {
                findings.error(yaml.place(), "wrong-type", "a case is a mapping, not " + Fields.kind(yaml));
                continue;
            }
            var entries = new LinkedHashMap<>(table.entries());
            entries.remove("cases");
            entries.remove("name");
            row.entries().forEach((key, entry) -> entries.merge(key, entry, CaseReader::overlaid));
            var merged = new Yaml.Mapping(entries, row.place(), row.size());
            String label = name + " [" + number + "]";
            Fields.of(merged, "a case", TEST, findings)
                    .ifPresent(single -> single(
                            single.text("name").map(said -> label + " " + said).orElse(label), single));
        }
    }

    /// The row's `call` and `expect` replace the table's key by key; everything else as a whole.
    private static Yaml.Entry overlaid(Yaml.Entry table, Yaml.Entry row) {
        if (!(table.value() instanceof Yaml.Mapping below) || !(row.value() instanceof Yaml.Mapping above)) return row;
        var entries = new LinkedHashMap<>(below.entries());
        entries.putAll(above.entries());
        return new Yaml.Entry(row.key(), new Yaml.Mapping(entries, above.place(), above.size()));
    }

    private void add(String name, Fields fields, List<PackCase.Step> steps) {
        PackCase.Given given = given(fields);
        String position = findings.file() + ':' + fields.place().line();
        if (!steps.isEmpty()) cases.add(new PackCase(name, position, given, steps));
    }

    private PackCase.Given given(Fields fields) {
        Optional<Fields> session =
                fields.value("session").flatMap(yaml -> Fields.of(yaml, "a session", SESSION, findings));
        var subject =
                new Subject(fields.text("agent").orElse("agent"), fields.textsOrNone("roles"), fields.text("user"));
        return new PackCase.Given(
                subject,
                time(fields),
                session.flatMap(some -> some.text("task")).orElse(""),
                session.flatMap(some -> some.bool("taskTrusted")).orElse(false),
                session.map(some -> some.textsOrNone("taints")).orElse(Set.of()),
                session.flatMap(some -> some.integer("irreversible", 0, MOST_COUNTED))
                        .orElse(0),
                session.map(this::messages).orElse(List.of()),
                session.map(this::calls).orElse(List.of()),
                fields.text("root").orElse("/workspace"),
                paths(fields));
    }

    private List<String> messages(Fields session) {
        return session.scalars("messages").stream().map(Yaml.Scalar::value).toList();
    }

    private List<PackCase.Past> calls(Fields session) {
        var calls = new ArrayList<PackCase.Past>();
        for (Yaml yaml : session.listOrNone("calls"))
            Fields.of(yaml, "a past call", PAST, findings)
                    .ifPresent(past -> tool(past)
                            .ifPresent(tool -> calls.add(new PackCase.Past(
                                    tool, arguments(past), past.bool("ok").orElse(true)))));
        return calls;
    }

    private Instant time(Fields fields) {
        Optional<String> text = fields.text("time");
        try {
            return text.map(Instant::parse).orElse(NOON);
        } catch (DateTimeException malformed) {
            findings.error(
                    fields.key("time"), "wrong-time", "`time` is an RFC 3339 instant such as `2026-01-01T12:00:00Z`");
            return NOON;
        }
    }

    private Map<String, String> paths(Fields fields) {
        var paths = new TreeMap<String, String>();
        Optional<Yaml> value = fields.value("paths");
        if (value.isEmpty()) return paths;
        if (value.get() instanceof Yaml.Mapping mapping)
            mapping.entries().forEach((text, entry) -> {
                if (entry.value() instanceof Yaml.Scalar scalar) paths.put(text, scalar.isNull() ? "" : scalar.value());
                else
                    findings.error(
                            entry.key(), "wrong-type", "a path's real path is a text, or `null` where it has none");
            });
        else findings.error(value.get().place(), "wrong-type", "`paths` is a mapping from texts to real paths");
        return paths;
    }

    private Optional<PackCase.Step> step(Fields fields) {
        Optional<Fields> call = fields.required("call").flatMap(yaml -> Fields.of(yaml, "a call", CALL, findings));
        Optional<PackCase.Expected> expected = fields.required("expect")
                .flatMap(yaml -> Fields.of(yaml, "an `expect`", EXPECT, findings))
                .flatMap(this::expected);
        if (call.isEmpty() || expected.isEmpty()) return Optional.empty();
        return tool(call.get())
                .map(tool -> new PackCase.Step(
                        tool,
                        arguments(call.get()),
                        call.get().text("reason").orElse(""),
                        word(call.get(), "risk", Risk.values()).orElse(Risk.LOW),
                        word(call.get(), "purpose", Purpose.values()).orElse(Purpose.ACT),
                        ruleIds(fields),
                        fields.has("ok") ? fields.bool("ok").orElse(true) : true,
                        expected.get(),
                        fields.place()));
    }

    private static <E extends Enum<E>> Optional<E> word(Fields fields, String key, E[] values) {
        List<String> words = Arrays.stream(values)
                .map(value -> value.name().toLowerCase(java.util.Locale.ROOT))
                .toList();
        return fields.word(key, words).map(word -> values[words.indexOf(word)]);
    }

    private static Set<RuleId> ruleIds(Fields fields) {
        return fields.textsOrNone("approved").stream()
                .map(RuleId::new)
                .collect(java.util.stream.Collectors.toUnmodifiableSet());
    }

    private Optional<PackCase.Expected> expected(Fields fields) {
        if (fields.required("effect").isEmpty()) return Optional.empty();
        Optional<Set<String>> rules = fields.has("rules") ? Optional.of(fields.textsOrNone("rules")) : Optional.empty();
        Optional<JsonObject> arguments =
                fields.has("arguments") ? Optional.of(arguments(fields, "arguments")) : Optional.empty();
        return fields.word("effect", EFFECTS)
                .map(effect -> new PackCase.Expected(
                        effect,
                        fields.text("rule"),
                        rules,
                        arguments,
                        fields.text("message"),
                        fields.text("cause"),
                        fields.bool("final"),
                        fields.duration("delay", RuleReader.LONGEST_DELAY),
                        fields.text("sandbox")));
    }

    private Optional<ToolName> tool(Fields fields) {
        return fields.requiredText("tool").flatMap(text -> {
            try {
                return Optional.of(ToolName.parse(text));
            } catch (IllegalArgumentException malformed) {
                findings.error(
                        fields.value("tool").orElseThrow().place(),
                        "wrong-name",
                        String.valueOf(malformed.getMessage()));
                return Optional.empty();
            }
        });
    }

    private JsonObject arguments(Fields fields) {
        return arguments(fields, "args");
    }

    private JsonObject arguments(Fields fields, String key) {
        Optional<Yaml> value = fields.value(key);
        if (value.isEmpty()) return JsonObject.EMPTY;
        if (value.get() instanceof Yaml.Mapping mapping) return mapping.json();
        findings.error(value.get().place(), "wrong-type", "`" + key + "` is a mapping of arguments");
        return JsonObject.EMPTY;
    }
}
