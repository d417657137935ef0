package dev.guardrail.server.console.sessions;

import dev.guardrail.base.JsonObject;
import dev.guardrail.server.console.Bit;
import dev.guardrail.server.console.audit.Told;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What every operator may know of an event: who said what about it, and under which rules and policies.
final class Facts {
    private static final Map<String, String> NAMES = names();

    private Facts() {}

    private static Map<String, String> names() {
        var names = new LinkedHashMap<String, String>();
        names.put("call", "Call");
        names.put("rules", "Rules");
        names.put("failed", "Rules that broke");
        names.put("shadow", "Rules on trial");
        names.put("cause", "Because of");
        names.put("status", "Stands at");
        names.put("outcome", "Ended as");
        names.put("undo", "Can be undone");
        names.put("undoes", "Undoes");
        names.put("run", "Run by");
        names.put("attested", "Says who");
        names.put("error", "Fault");
        names.put("voter", "Voter");
        names.put("by", "By");
        names.put("grants", "Uses");
        names.put("leaseUntil", "May run until");
        names.put("door", "Came in at");
        names.put("policy", "Policies");
        return names;
    }

    static List<SessionPage.Fact> of(JsonObject entry) {
        return NAMES.entrySet().stream()
                .filter(name -> entry.has(name.getKey()))
                .map(name -> new SessionPage.Fact(name.getValue(), Bit.of(value(entry, name.getKey()))))
                .filter(fact -> !fact.value().isEmpty())
                .toList();
    }

    private static String value(JsonObject entry, String member) {
        return entry.array(member).isPresent() ? Told.list(entry, member) : Told.name(entry, member);
    }
}
