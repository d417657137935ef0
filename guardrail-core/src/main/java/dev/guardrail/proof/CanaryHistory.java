package dev.guardrail.proof;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// Made-up requests that test approvers, by their entries alone: each is opened once and comes to one end, and no other
/// entry ever names its ticket or its call. So none of them was decided, voted on as a call, permitted or run.
final class CanaryHistory {
    private final Map<String, String> open = new HashMap<>();
    private final Fingerprints names = new Fingerprints();
    private boolean any;

    /// @param known true where its ticket or call was there before
    Optional<Breach> opened(Members entry, boolean known) {
        String ticket = text(entry, "ticket");
        String call = text(entry, "call");
        any = true;
        boolean fresh = !known && names.add(ticket) && names.add(call);
        open.put(ticket, call);
        return Breach.unless(fresh, "canary-twice", "plants a canary under an id that was there before");
    }

    Optional<Breach> closed(Members entry) {
        String call = open.remove(text(entry, "ticket"));
        if (call == null) return Breach.of("no-canary", "ends a canary that does not wait");
        if (!call.equals(text(entry, "call")))
            return Breach.of("canary-changed", "ends a canary under the id of another call");
        return Breach.unless(
                text(entry, "outcome").equals("silent") != entry.has("by"),
                "contradicts-itself",
                "says of a canary that nobody answered and who did, or neither");
    }

    /// Any other entry.
    Optional<Breach> other(Members entry) {
        boolean named = any
                && (entry.text("call").filter(names::contains).isPresent()
                        || entry.text("ticket").filter(names::contains).isPresent());
        return Breach.unless(!named, "canary-used", "names a canary, which is nobody's call and can never run");
    }

    private static String text(Members entry, String member) {
        return entry.text(member).orElseThrow();
    }
}
