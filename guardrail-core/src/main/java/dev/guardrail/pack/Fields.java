package dev.guardrail.pack;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/// The keys of one mapping, read by name and type; whatever does not fit becomes a finding, and a key that nobody
/// knows is one too.
public final class Fields {
    private final Yaml.Mapping mapping;
    private final String what;
    private final Findings findings;

    private Fields(Yaml.Mapping mapping, String what, Findings findings) {
        this.mapping = mapping;
        this.what = what;
        this.findings = findings;
    }

    /// @param what the mapping is, with its article, as in `a rule`
    /// @param known every key that may stand in it
    /// @return empty where it is no mapping
    public static Optional<Fields> of(Yaml yaml, String what, Collection<String> known, Findings findings) {
        return of(yaml, what, known, List.of(), findings);
    }

    /// @param later keys that the language has and this version does not carry out
    static Optional<Fields> of(
            Yaml yaml, String what, Collection<String> known, Collection<String> later, Findings findings) {
        if (!(yaml instanceof Yaml.Mapping mapping)) {
            findings.error(yaml.place(), "wrong-type", what + " is a mapping, not " + kind(yaml));
            return Optional.empty();
        }
        mapping.entries().forEach((key, entry) -> {
            if (later.contains(key)) findings.error(entry.key(), "not-built", notBuilt(key));
            else if (!known.contains(key))
                findings.error(
                        entry.key(),
                        "unknown-key",
                        "unknown key `" + key + "` in " + what
                                + Suggestion.of(
                                        key,
                                        Stream.concat(known.stream(), later.stream())
                                                .toList()));
        });
        return Optional.of(new Fields(mapping, what, findings));
    }

    static String notBuilt(String name) {
        return "`" + name + "` is known but not carried out by this version";
    }

    public Place place() {
        return mapping.place();
    }

    boolean isEmpty() {
        return mapping.entries().isEmpty();
    }

    public boolean has(String key) {
        return mapping.entries().containsKey(key);
    }

    /// Where the key stands; the mapping's own place where it is absent.
    public Place key(String key) {
        Yaml.Entry entry = mapping.entries().get(key);
        return entry == null ? place() : entry.key();
    }

    public Optional<Yaml> value(String key) {
        return Optional.ofNullable(mapping.entries().get(key)).map(Yaml.Entry::value);
    }

    /// The value, with a finding where it is absent.
    public Optional<Yaml> required(String key) {
        if (!has(key)) findings.error(place(), "missing-key", what + " needs `" + key + "`");
        return value(key);
    }

    /// A text that is there and not empty.
    public Optional<String> text(String key) {
        return value(key).flatMap(value -> text(key, value));
    }

    public Optional<String> requiredText(String key) {
        return required(key).flatMap(value -> text(key, value));
    }

    private Optional<String> text(String key, Yaml value) {
        if (value instanceof Yaml.Scalar scalar
                && scalar.isText()
                && !scalar.value().isBlank()) return Optional.of(scalar.value());
        findings.error(value.place(), "wrong-type", "`" + key + "` is a text, not " + kind(value));
        return Optional.empty();
    }

    /// One of the words, with a suggestion where it is none.
    public Optional<String> word(String key, Collection<String> words) {
        Optional<String> word = text(key);
        if (word.isEmpty() || words.contains(word.get())) return word;
        findings.error(
                value(key).orElseThrow().place(),
                "unknown-value",
                "`" + word.get() + "` is no " + key + "; it is one of " + String.join(", ", words)
                        + Suggestion.of(word.get(), words));
        return Optional.empty();
    }

    public Optional<Boolean> bool(String key) {
        Optional<Yaml> value = value(key);
        if (value.isEmpty()) return Optional.empty();
        Optional<Boolean> bool = value.get() instanceof Yaml.Scalar scalar ? scalar.bool() : Optional.<Boolean>empty();
        if (bool.isEmpty())
            findings.error(
                    value.get().place(), "wrong-type", "`" + key + "` is `true` or `false`, not " + kind(value.get()));
        return bool;
    }

    /// A whole number in a range.
    public Optional<Integer> integer(String key, int min, int max) {
        Optional<Yaml> value = value(key);
        if (value.isEmpty()) return Optional.empty();
        if (value.get() instanceof Yaml.Scalar scalar
                && scalar.style() == Yaml.Style.PLAIN
                && scalar.value().matches("-?[0-9]{1,9}")) {
            int number = Integer.parseInt(scalar.value());
            if (number >= min && number <= max) return Optional.of(number);
        }
        findings.error(value.get().place(), "wrong-type", "`" + key + "` is a whole number from " + min + " to " + max);
        return Optional.empty();
    }

    public Optional<Duration> duration(String key, Duration max) {
        Optional<Yaml> value = value(key);
        if (value.isEmpty()) return Optional.empty();
        Optional<Duration> span = value.get() instanceof Yaml.Scalar scalar
                ? Durations.parse(scalar.value())
                : Optional.<Duration>empty();
        if (span.isPresent() && span.get().compareTo(max) <= 0) return span;
        findings.error(
                value.get().place(),
                "wrong-duration",
                "`" + key + "` is a span of time such as `30s`, `15m`, `1h` or `2d`, at most `" + Durations.text(max)
                        + "`");
        return Optional.empty();
    }

    /// A number of bytes.
    public Optional<Long> size(String key, long max) {
        Optional<Yaml> value = value(key);
        if (value.isEmpty()) return Optional.empty();
        OptionalLong bytes =
                value.get() instanceof Yaml.Scalar scalar ? Sizes.parse(scalar.value(), max) : OptionalLong.empty();
        if (bytes.isPresent()) return Optional.of(bytes.getAsLong());
        findings.error(
                value.get().place(),
                "wrong-size",
                "`" + key + "` is a size such as `512KiB` or `4MiB`, at most `" + Sizes.text(max) + "`");
        return Optional.empty();
    }

    /// A list of something; an empty one is a finding.
    public List<Yaml> list(String key) {
        if (value(key).orElse(null) instanceof Yaml.Sequence(var items, var place, var size) && items.isEmpty())
            findings.error(place, "empty-list", "`" + key + "` is empty; take the key away or fill it");
        return listOrNone(key);
    }

    /// A list of something that may be empty.
    public List<Yaml> listOrNone(String key) {
        Optional<Yaml> value = value(key);
        if (value.isEmpty()) return List.of();
        if (!(value.get() instanceof Yaml.Sequence sequence)) {
            findings.error(value.get().place(), "wrong-type", "`" + key + "` is a list, not " + kind(value.get()));
            return List.of();
        }
        return sequence.items();
    }

    /// A list of texts without repetitions; an empty one is a finding.
    public List<Yaml.Scalar> scalars(String key) {
        return scalars(key, list(key));
    }

    private List<Yaml.Scalar> scalars(String key, List<Yaml> items) {
        var scalars = new ArrayList<Yaml.Scalar>();
        var seen = new LinkedHashSet<String>();
        for (Yaml item : items) {
            if (!(item instanceof Yaml.Scalar scalar)
                    || !scalar.isText()
                    || scalar.value().isBlank())
                findings.error(item.place(), "wrong-type", "`" + key + "` holds texts, not " + kind(item));
            else if (!seen.add(scalar.value()))
                findings.warning(item.place(), "repeated", "`" + scalar.value() + "` stands in `" + key + "` already");
            else scalars.add(scalar);
        }
        return scalars;
    }

    public Set<String> texts(String key) {
        return texts(scalars(key));
    }

    public Set<String> textsOrNone(String key) {
        return texts(scalars(key, listOrNone(key)));
    }

    private static Set<String> texts(List<Yaml.Scalar> scalars) {
        var texts = new TreeSet<String>();
        for (Yaml.Scalar scalar : scalars) texts.add(scalar.value());
        return texts;
    }

    /// What a node is, for messages.
    static String kind(Yaml yaml) {
        return switch (yaml) {
            case Yaml.Mapping mapping -> "a mapping";
            case Yaml.Sequence sequence -> "a list";
            case Yaml.Scalar scalar -> {
                if (scalar.isNull()) yield "nothing";
                if (scalar.bool().isPresent()) yield "`" + scalar.value() + "`";
                if (scalar.isNumber()) yield "the number `" + scalar.value() + "`; quote it to make it a text";
                yield scalar.value().isBlank() ? "an empty text" : "the text `" + shortened(scalar.value()) + "`";
            }
        };
    }

    private static String shortened(String text) {
        return text.length() <= 60 ? text : text.substring(0, text.offsetByCodePoints(0, 50)) + "…";
    }
}
