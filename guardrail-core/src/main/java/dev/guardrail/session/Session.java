package dev.guardrail.session;

import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.call.SessionId;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// One run of one agent on one task; durable. What the user said and the task lie in bodies.
///
/// @param opener who opened it: `host:NAME`, `agent:NAME`, or `implicit`
/// @param messages how many messages of the user there are
/// @param expires end of its token; implicit sessions have none
public record Session(
        SessionId id,
        String agent,
        Optional<String> user,
        String opener,
        Optional<SessionId> parent,
        State state,
        boolean hasTask,
        int messages,
        Set<String> taints,
        Set<String> seen,
        Instant openedAt,
        Optional<Instant> expires) {

    /// Whether it works, rests, or is over.
    public enum State {
        ACTIVE,
        PAUSED,
        ENDED;

        public String text() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    public Session {
        taints = Set.copyOf(taints);
        seen = Set.copyOf(seen);
    }

    /// True where a host opened it: its task is the user's, not a claim of the agent.
    public boolean hostOpened() {
        return opener.startsWith("host:");
    }

    public Session in(State next) {
        return new Session(id, agent, user, opener, parent, next, hasTask, messages, taints, seen, openedAt, expires);
    }

    public Session withMessages(int count) {
        return new Session(id, agent, user, opener, parent, state, hasTask, count, taints, seen, openedAt, expires);
    }

    /// This session with more in it.
    public Session tainted(Set<String> brought) {
        if (taints.containsAll(brought)) return this;
        var more = new TreeSet<>(taints);
        more.addAll(brought);
        return new Session(id, agent, user, opener, parent, state, hasTask, messages, more, seen, openedAt, expires);
    }

    /// This session after a tool ran: its name is remembered, and what its results bring in.
    public Session saw(String tool, Set<String> brought) {
        if (seen.contains(tool) && taints.containsAll(brought)) return this;
        var moreSeen = new TreeSet<>(seen);
        moreSeen.add(tool);
        var moreTaints = new TreeSet<>(taints);
        moreTaints.addAll(brought);
        return new Session(
                id, agent, user, opener, parent, state, hasTask, messages, moreTaints, moreSeen, openedAt, expires);
    }

    public JsonObject json() {
        return JsonObject.with("id", id.value())
                .with("agent", agent)
                .with("user", user)
                .with("opener", opener)
                .with("parent", parent.map(SessionId::value))
                .with("state", state.text())
                .with("hasTask", hasTask)
                .with("messages", messages)
                .with("taints", JsonArray.ofTexts(new TreeSet<>(taints)))
                .with("seen", JsonArray.ofTexts(new TreeSet<>(seen)))
                .with("openedAt", openedAt.toString())
                .with("expires", expires.map(Instant::toString))
                .build();
    }

    /// @throws java.util.NoSuchElementException if a member is missing
    public static Session of(JsonObject json) {
        return new Session(
                new SessionId(json.text("id").orElseThrow()),
                json.text("agent").orElseThrow(),
                json.text("user"),
                json.text("opener").orElseThrow(),
                json.text("parent").map(SessionId::new),
                State.valueOf(json.text("state").orElseThrow().toUpperCase(java.util.Locale.ROOT)),
                json.isTrue("hasTask"),
                Math.toIntExact(json.integer("messages").orElseThrow()),
                Set.copyOf(json.array("taints").orElseThrow().texts()),
                Set.copyOf(json.array("seen").orElseThrow().texts()),
                Instant.parse(json.text("openedAt").orElseThrow()),
                json.text("expires").map(Instant::parse));
    }
}
