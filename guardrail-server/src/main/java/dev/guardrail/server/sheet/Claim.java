package dev.guardrail.server.sheet;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What is asked for, in one sentence of ours about the call as it would run: who wants to call what, what that does to
/// the world, and with which arguments. A long argument is told by its size and never in part.
///
/// @param user on whose behalf, as the host says
/// @param effect the operator's word for what the tool does, where its definition is still the pinned one
/// @param arguments empty where they are not kept any more
record Claim(String agent, Optional<String> user, String tool, Optional<String> effect, Optional<Json> arguments) {
    /// Arguments that are told.
    private static final int FIRST = 3;

    /// Longest one that is told whole, in code points as shown.
    private static final int LONGEST = 60;

    /// The sentence in pieces, in order.
    List<Phrase> phrases() {
        var phrases = new ArrayList<Phrase>();
        phrases.add(new Phrase(Legible.line(agent), true));
        user.ifPresent(name -> phrases.add(new Phrase(", for " + quoted(name) + ",", false)));
        phrases.add(new Phrase(" wants to call ", false));
        phrases.add(new Phrase(Legible.line(tool), true));
        effect.ifPresent(word -> phrases.add(new Phrase(" (" + word + ")", false)));
        phrases.add(
                new Phrase(arguments.map(Claim::with).orElse(", with arguments that are not kept any more"), false));
        return phrases;
    }

    @Override
    public String toString() {
        return Phrase.text(phrases());
    }

    /// The arguments, as the end of a sentence.
    static String with(Json arguments) {
        if (!(arguments instanceof JsonObject(Map<String, Json> members)) || members.isEmpty())
            return ", without arguments";
        var told = new ArrayList<String>();
        members.entrySet().stream()
                .limit(FIRST)
                .forEach(member -> told.add(name(member.getKey()) + ' ' + of(member.getValue())));
        int more = members.size() - told.size();
        return ", with " + String.join(", ", told)
                + (more > 0 ? " and " + more + (more == 1 ? " argument" : " arguments") + " more" : "");
    }

    private static String name(String name) {
        String shown = Legible.line(name);
        if (shown.length() > LONGEST) return "one whose name has " + Reading.bytes(name) + " bytes:";
        return shown.chars()
                                .allMatch(unit ->
                                        unit < 0x80 && (Character.isLetterOrDigit(unit) || "_-.".indexOf(unit) >= 0))
                        && !shown.isEmpty()
                ? shown
                : quoted(name);
    }

    private static String of(Json value) {
        return switch (value) {
            case JsonText(String text) -> {
                String shown = quoted(text);
                yield shown.length() <= LONGEST ? shown : "a text of " + Reading.bytes(text) + " bytes";
            }
            case JsonObject(Map<String, Json> members) -> members.isEmpty() ? "{}" : "an object of " + members.size();
            case JsonArray(List<Json> items) -> items.isEmpty() ? "[]" : "a list of " + items.size();
            case Json plain -> {
                String shown = plain.toString();
                yield shown.length() <= LONGEST ? shown : "a number of " + shown.length() + " digits";
            }
        };
    }

    private static String quoted(String text) {
        return Exhibit.quoted(Legible.of(text));
    }
}
