package dev.guardrail.server.upstream.command;

import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonWriter;
import dev.guardrail.base.MalformedJson;
import dev.guardrail.base.Printable;
import dev.guardrail.base.StrictJson;
import dev.guardrail.undo.Compensator.Look;
import dev.guardrail.undo.Compensator.Restored;
import dev.guardrail.undo.Hindrance;
import java.io.IOException;
import java.util.List;
import java.util.Set;

/// What a program said, read strictly: one JSON object of one of five forms, with all of its members and no others.
/// Anything else is no answer.
///
/// @param said what it wrote
record Reading(JsonObject said) {
    /// Longest state, in bytes of JSON.
    static final int MOST = 700 * 1024;

    private static final int NAMES = 100;
    private static final int NAME = 4_096;
    private static final int VERSION = 256;
    private static final int CLAUSE = 300;

    private static final String ANSWER = "answer";

    /// @throws IOException where it is not one strict JSON object
    static Reading of(byte[] bytes) throws IOException {
        try {
            if (StrictJson.parse(bytes) instanceof JsonObject said) return new Reading(said);
        } catch (MalformedJson malformed) {
            throw new IOException("it is no JSON", malformed);
        }
        throw new IOException("it is no JSON object");
    }

    /// @throws IOException where it does not answer a `look`
    Look look() throws IOException {
        return switch (form()) {
            case "seen" -> seen();
            case "unfit" -> {
                only(Set.of(ANSWER, "why"), Set.of("kind"));
                var kind = Hindrance.of(said.has("kind") ? text("kind", NAME) : Hindrance.UNFIT.text());
                yield new Look.Unfit(kind.orElseThrow(() -> new IOException("`kind` is none")), why());
            }
            default -> throw new IOException("`answer` answers no look");
        };
    }

    private Look seen() throws IOException {
        only(Set.of(ANSWER, "state", "version"), Set.of("touches"));
        JsonObject state = said.object("state").orElseThrow(() -> new IOException("`state` is no object"));
        String version = text("version", VERSION);
        List<String> touches = said.has("touches") ? touches() : List.of();
        return JsonWriter.bytes(state).length > MOST ? tooLarge() : new Look.Seen(state, version, touches);
    }

    static Look tooLarge() {
        return new Look.Unfit(
                Hindrance.TOO_LARGE, "what it takes to put it back is larger than " + MOST / 1024 + " KiB");
    }

    private List<String> touches() throws IOException {
        JsonArray names = said.array("touches").orElseThrow(() -> new IOException("`touches` is no list"));
        List<String> texts = names.texts();
        boolean fit = texts.size() == names.items().size()
                && texts.size() <= NAMES
                && texts.stream().allMatch(name -> !name.isBlank() && name.length() <= NAME);
        if (!fit) throw new IOException("`touches` holds something else than a few names");
        return texts;
    }

    /// @throws IOException where it does not answer a `restore`
    Restored restored() throws IOException {
        return switch (form()) {
            case "done" -> {
                only(Set.of(ANSWER), Set.of());
                yield new Restored.Done();
            }
            case "changed" -> {
                only(Set.of(ANSWER), Set.of());
                yield new Restored.Changed();
            }
            case "refused" -> {
                only(Set.of(ANSWER, "why"), Set.of());
                yield new Restored.Refused(why());
            }
            default -> throw new IOException("`answer` answers no restore");
        };
    }

    private String form() throws IOException {
        return text(ANSWER, NAME);
    }

    private String why() throws IOException {
        return Printable.text(text("why", NAME), CLAUSE);
    }

    private String text(String member, int most) throws IOException {
        return said.text(member)
                .filter(text -> !text.isBlank() && text.length() <= most)
                .orElseThrow(() -> new IOException("`" + member + "` is no text, or an empty or long one"));
    }

    private void only(Set<String> needed, Set<String> possible) throws IOException {
        var names = said.members().keySet();
        boolean fit = names.containsAll(needed)
                && names.stream().allMatch(name -> needed.contains(name) || possible.contains(name));
        if (!fit) throw new IOException("it has not the members that it should");
    }
}
