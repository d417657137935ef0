package dev.guardrail.pack;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonBoolean;
import dev.guardrail.base.JsonNull;
import dev.guardrail.base.JsonNumber;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.regex.Pattern;

/// A YAML 1.2 node of the core schema, without tags, and with its place in the file.
public sealed interface Yaml {

    /// Where it begins.
    Place place();

    /// Nodes that it is made of, itself included, aliases counted as often as they are used.
    long size();

    /// As JSON; a number of the core schema that JSON cannot write (`0x1f`, `.inf`) stays a text.
    Json json();

    /// How a scalar is written.
    enum Style {
        PLAIN,
        QUOTED,
        BLOCK
    }

    /// A scalar. Only a plain one can be anything but text.
    record Scalar(String value, Style style, Place place) implements Yaml {
        private static final Pattern NUMBER = Pattern.compile("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][-+]?[0-9]+)?");

        @Override
        public long size() {
            return 1;
        }

        public boolean isNull() {
            return style == Style.PLAIN
                    && switch (value) {
                        case "", "~", "null", "Null", "NULL" -> true;
                        default -> false;
                    };
        }

        /// `true` and `false` alone; `yes`, `no`, `on` and `off` are texts.
        public Optional<Boolean> bool() {
            if (style != Style.PLAIN) return Optional.empty();
            return switch (value) {
                case "true", "True", "TRUE" -> Optional.of(true);
                case "false", "False", "FALSE" -> Optional.of(false);
                default -> Optional.empty();
            };
        }

        /// True where another reader could take it for a number, so that it must be quoted to be a text.
        public boolean isNumber() {
            return style == Style.PLAIN
                    && (NUMBER.matcher(value).matches()
                            || value.matches("[-+]?(\\.inf|\\.Inf|\\.INF|\\.nan|\\.NaN|\\.NAN)")
                            || value.matches(
                                    "0x[0-9a-fA-F]+|0o[0-7]+|[-+]?[0-9]+|[-+]?(\\.[0-9]+|[0-9]+(\\.[0-9]*)?)"));
        }

        public boolean isText() {
            return !isNull() && bool().isEmpty() && !isNumber();
        }

        @Override
        public Json json() {
            if (isNull()) return JsonNull.NULL;
            if (bool().isPresent()) return JsonBoolean.of(bool().get());
            boolean number = style == Style.PLAIN
                    && value.length() <= 40
                    && NUMBER.matcher(value).matches();
            return number ? new JsonNumber(value) : new JsonText(value);
        }
    }

    /// A sequence.
    record Sequence(List<Yaml> items, Place place, long size) implements Yaml {
        public Sequence {
            items = List.copyOf(items);
        }

        @Override
        public Json json() {
            return new JsonArray(items.stream().map(Yaml::json).toList());
        }
    }

    /// A mapping with unique texts as keys.
    record Mapping(SequencedMap<String, Entry> entries, Place place, long size) implements Yaml {
        public Mapping {
            entries = java.util.Collections.unmodifiableSequencedMap(new LinkedHashMap<>(entries));
        }

        @Override
        public JsonObject json() {
            var members = new LinkedHashMap<String, Json>();
            entries.forEach((name, entry) -> members.put(name, entry.value().json()));
            return new JsonObject(members);
        }
    }

    /// A value, and where its key stands.
    record Entry(Place key, Yaml value) {}
}
