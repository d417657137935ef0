package dev.guardrail.approval;

import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.StrictJson;
import java.util.List;

/// What a decision's entry says of the standing grants that it used.
final class GrantUse {
    private GrantUse() {}

    /// Ids of standing grants, in order.
    static List<String> in(byte[] entry) {
        if (!(StrictJson.parse(entry) instanceof JsonObject decided)) return List.of();
        return decided.array("grants").orElse(JsonArray.EMPTY).texts().stream()
                .filter(id -> id.startsWith(GrantBook.PREFIX))
                .toList();
    }
}
