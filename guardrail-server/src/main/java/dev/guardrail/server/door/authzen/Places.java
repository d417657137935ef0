package dev.guardrail.server.door.authzen;

import dev.guardrail.base.MalformedJson;
import dev.guardrail.base.ProblemType;
import dev.guardrail.call.Caller;
import dev.guardrail.call.SessionId;
import dev.guardrail.pipeline.Refusal;
import dev.guardrail.registry.SessionRegistry;
import dev.guardrail.session.Session;
import java.util.Optional;
import java.util.Set;

/// Where a question belongs: the session of its subject. A host says who the user is, and is believed; an agent asks
/// for itself, or for the user that its credential names, whatever it says.
record Places(SessionRegistry sessions) {
    private static final Set<String> USERS = Set.of("user", "identity");
    private static final Set<String> AGENTS = Set.of("agent", "identity");

    /// A place, or that there is none.
    sealed interface Place {
        record In(SessionId session) implements Place {}

        record Nowhere(Meaning.Nothing why) implements Place {}
    }

    /// @throws MalformedJson where a host runs several agents and names none
    Place of(Caller caller, Question question) {
        return switch (caller.kind()) {
            case HOST -> ofHost(caller, question);
            case AGENT -> ofAgent(caller, question);
            case OPERATOR -> throw new Refusal(ProblemType.FORBIDDEN_ROUTE, "an operator proposes no calls");
        };
    }

    private Place ofHost(Caller host, Question question) {
        var subject = question.subject();
        if (!USERS.contains(subject.type()))
            return nowhere("unknown_subject", "A subject here is a `user` or an `identity`.");
        Optional<String> agent = Question.text(question.context(), "agent");
        Optional<String> session = Question.text(question.context(), "session");
        if (session.isPresent())
            return sessions.find(new SessionId(session.get()))
                    .map(SessionRegistry.Versioned::session)
                    .filter(found -> found.opener().equals("host:" + host.name()))
                    .filter(found -> found.user().equals(Optional.of(subject.id())))
                    .filter(found -> agent.isEmpty() || agent.get().equals(found.agent()))
                    .<Place>map(found -> new Place.In(found.id()))
                    .orElseGet(() -> nowhere("unknown_session", "There is no such session of this subject."));
        String name = agent.or(() -> host.agents().stream()
                        .filter(only -> host.agents().size() == 1)
                        .findFirst())
                .orElseThrow(() ->
                        new MalformedJson("the host runs several agents; name the one that asks in `context.agent`"));
        if (!host.agents().contains(name)) return nowhere("unknown_agent", "This host does not run that agent.");
        return new Place.In(sessions.standing(host.name(), name, Optional.of(subject.id()))
                .session()
                .id());
    }

    private Place ofAgent(Caller agent, Question question) {
        Session own = own(agent);
        var subject = question.subject();
        boolean itself = AGENTS.contains(subject.type()) && subject.id().equals(agent.name())
                || USERS.contains(subject.type()) && own.user().equals(Optional.of(subject.id()));
        if (!itself)
            return nowhere("foreign_subject", "An agent asks for itself, or for the user that its token names.");
        if (subject.properties().isPresent())
            return nowhere("foreign_subject", "An agent says nothing of its subject: leave `properties` out.");
        boolean here = Question.text(question.context(), "session")
                .filter(named -> !named.equals(own.id().value()))
                .isEmpty();
        if (!here) return nowhere("unknown_session", "There is no such session of this subject.");
        boolean named = Question.text(question.context(), "agent")
                .filter(name -> !name.equals(agent.name()))
                .isEmpty();
        return named ? new Place.In(own.id()) : nowhere("unknown_agent", "An agent asks for itself alone.");
    }

    private Session own(Caller agent) {
        return agent.session()
                .map(token -> sessions.find(token)
                        .orElseThrow(() -> new Refusal(ProblemType.NOT_FOUND, "the token's session is not there")))
                .orElseGet(() -> sessions.implicit(agent.name(), agent.user()))
                .session();
    }

    private static Place nowhere(String reason, String message) {
        return new Place.Nowhere(new Meaning.Nothing(reason, message));
    }
}
