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
/// @param irreversible calls permitted in it, or in a session that comes from it, that may have changed something and
///     cannot be taken back; counted while a rule in force reads the number
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
        int irreversible,
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
        return with(next, messages, taints, seen, irreversible);
    }

    public Session withMessages(int count) {
        return with(state, count, taints, seen, irreversible);
    }

    /// This session with more in it.
    public Session tainted(Set<String> brought) {
        if (taints.containsAll(brought)) return this;
        var more = new TreeSet<>(taints);
        more.addAll(brought);
        return with(state, messages, more, seen, irreversible);
    }

    /// This session after a tool ran: its name is remembered, and what its results bring in.
    public Session saw(String tool, Set<String> brought) {
        if (seen.contains(tool) && taints.containsAll(brought)) return this;
        var moreSeen = new TreeSet<>(seen);
        moreSeen.add(tool);
        var moreTaints = new TreeSet<>(taints);
        moreTaints.addAll(brought);
        return with(state, messages, moreTaints, moreSeen, irreversible);
    }

    /// This session with so many more calls that cannot be taken back; never less than none.
    public Session counted(int more) {
        return with(state, messages, taints, seen, Math.max(0, Math.addExact(irreversible, more)));
    }

    private Session with(State next, int said, Set<String> brought, Set<String> tools, int count) {
        return new Session(
                id, agent, user, opener, parent, next, hasTask, said, brought, tools, count, openedAt, expires);
    }

    public JsonObject json() {
        var json = JsonObject.with("id", id.value())
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
                .with("expires", expires.map(Instant::toString));
        if (irreversible > 0) json.with("irreversible", irreversible);
        return json.build();
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
                Math.toIntExact(json.integer("irreversible").orElse(0)),
                Instant.parse(json.text("openedAt").orElseThrow()),
                json.text("expires").map(Instant::parse));
    }
}
