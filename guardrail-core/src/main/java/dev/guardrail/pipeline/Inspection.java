package dev.guardrail.pipeline;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import dev.guardrail.call.ToolName;
import java.lang.Character.UnicodeScript;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/// What is wrong with a tool's definition before anybody trusted it: characters that nobody sees, names that pass for
/// others. Findings are printable whatever the server wrote, and say where: `description[123] U+202E`.
final class Inspection {
    /// Most findings that are told of one definition.
    private static final int MOST = 20;

    /// The names that the protocol asks for.
    private static final Pattern ORDINARY = Pattern.compile("[A-Za-z0-9_./-]{1,128}");

    /// Scripts with letters that look like Latin ones.
    private static final Set<UnicodeScript> CONFUSABLE = EnumSet.of(
            UnicodeScript.CYRILLIC,
            UnicodeScript.GREEK,
            UnicodeScript.ARMENIAN,
            UnicodeScript.CHEROKEE,
            UnicodeScript.COPTIC,
            UnicodeScript.LISU);

    private final List<String> findings = new ArrayList<>();
    private int more;

    private Inspection() {}

    /// @param lookalikes of the same server's tools
    static List<String> of(ToolName tool, JsonObject definition, Lookalikes lookalikes) {
        var inspection = new Inspection();
        inspection.name(tool, lookalikes);
        inspection.value(Location.WHOLE, "", definition);
        if (inspection.more > 0) inspection.findings.add("and " + inspection.more + " more");
        return List.copyOf(inspection.findings);
    }

    private void name(ToolName tool, Lookalikes lookalikes) {
        if (!ORDINARY.matcher(tool.name()).matches())
            add("name: is not 1 to 128 of the letters, digits and _ - . / of ASCII");
        for (String other : lookalikes.of(tool)) add("name: looks like " + Location.WHOLE.member(other));
    }

    private void value(Location at, String name, Json json) {
        switch (json) {
            case JsonObject(var members) ->
                members.forEach((key, member) -> {
                    label(at.member(key), key);
                    value(at.member(key), key, member);
                });
            case JsonArray(var items) -> {
                for (int i = 0; i < items.size(); i++) value(at.item(i), "", items.get(i));
            }
            case JsonText(String text) -> {
                var use = name.equals("name") || name.equals("title") ? HiddenText.Use.LABEL : HiddenText.Use.PROSE;
                for (var spot : HiddenText.in(text, use)) add(at + spot.toString());
                if (at.text().equals("name")) scripts(at, text);
            }
            case Json plain -> {}
        }
    }

    private void label(Location at, String key) {
        for (var spot : HiddenText.in(key, HiddenText.Use.LABEL)) add("the key " + at + spot);
        scripts(at, key);
    }

    /// A name that mixes Latin letters with such as look like them.
    private void scripts(Location at, String name) {
        var scripts = EnumSet.noneOf(UnicodeScript.class);
        name.codePoints().filter(Character::isLetter).forEach(point -> scripts.add(UnicodeScript.of(point)));
        if (!scripts.contains(UnicodeScript.LATIN)) return;
        for (UnicodeScript script : scripts)
            if (CONFUSABLE.contains(script))
                add("the name " + at + ": mixes Latin and " + script.name().toLowerCase(Locale.ROOT) + " letters");
    }

    private void add(String finding) {
        if (findings.size() < MOST) findings.add(finding);
        else more++;
    }
}
