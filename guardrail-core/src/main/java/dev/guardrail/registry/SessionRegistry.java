package dev.guardrail.registry;

import dev.guardrail.base.IdSource;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import dev.guardrail.base.Sha256;
import dev.guardrail.call.CallId;
import dev.guardrail.call.SessionId;
import dev.guardrail.call.ToolName;
import dev.guardrail.journal.BodySeal;
import dev.guardrail.journal.Change;
import dev.guardrail.journal.Commitment;
import dev.guardrail.journal.Document;
import dev.guardrail.journal.Draft;
import dev.guardrail.journal.Entry;
import dev.guardrail.journal.Journal;
import dev.guardrail.journal.Kind;
import dev.guardrail.journal.StoreConflict;
import dev.guardrail.session.PastCall;
import dev.guardrail.session.Session;
import dev.guardrail.session.SessionView;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/// The sessions: opened, found, changed, and seen as a decision needs them. Safe for concurrent use.
///
/// A decision taken on an older version of a session's document is not committed. The trajectory is rebuilt from
/// the log and extended before an outcome is told to anybody, so whoever proposes after a reply is judged with it.
///
/// Longer than other classes: every change of a session goes through the same few lines at its end.
public final class SessionRegistry {
    /// How long a session token lives.
    public static final Duration TOKEN_LIFE = Duration.ofDays(7);

    private static final int ATTEMPTS = 64;
    /// Parents that a session can have; one of more generations is refused.
    private static final int GENERATIONS = 8;

    private final Journal journal;
    private final IdSource ids;
    private final RandomGenerator random;
    private final Trajectories trajectories;

    /// @param random a cryptographic source: tokens are made from it
    public SessionRegistry(Journal journal, IdSource ids, RandomGenerator random) {
        this.journal = journal;
        this.ids = ids;
        this.random = random;
        this.trajectories = new Trajectories(journal);
    }

    /// A session just opened, with the one showing of its token.
    public record Opened(Session session, String token) {}

    /// A session as stored, and the version that a decision on it is committed against.
    public record Versioned(Session session, long version) {}

    /// Opens a session and makes its token. Only the token's digest is stored.
    ///
    /// @param opener `host:NAME` or `agent:NAME`
    /// @throws TooManyGenerations where the parent has as many parents as a session can have
    public Opened open(String opener, String agent, Optional<String> user, String task, Optional<SessionId> parent) {
        if (parent.isPresent() && parents(parent.get()) >= GENERATIONS) throw new TooManyGenerations();
        byte[] secret = new byte[32];
        random.nextBytes(secret);
        String token = "grd_" + Base64.getUrlEncoder().withoutPadding().encodeToString(secret);
        Set<String> inherited = inherited(opener, agent, user, parent);
        return Attempt.retried(ATTEMPTS, () -> {
            var now = journal.now();
            var id = new SessionId(ids.next("ses"));
            var session = new Session(
                    id,
                    agent,
                    user,
                    opener,
                    parent,
                    Session.State.ACTIVE,
                    !task.isEmpty(),
                    0,
                    inherited,
                    Set.of(),
                    0,
                    now,
                    Optional.of(end(now, parent)));
            var draft = new Draft();
            put(draft, session, 0);
            draft.change(new Change.Put(
                    Kind.TOKEN,
                    tokenKey(token),
                    0,
                    Document.Tags.NONE,
                    JsonObject.with("session", id.value()).build()));
            changed(draft, session, "opened", opener, task.isEmpty() ? Optional.empty() : Optional.of(task), "task");
            journal.commit(draft);
            return new Opened(session, token);
        });
    }

    private int parents(SessionId id) {
        int parents = 0;
        Optional<SessionId> next = find(id).flatMap(found -> found.session().parent());
        while (next.isPresent()) {
            parents++;
            next = find(next.get()).flatMap(found -> found.session().parent());
        }
        return parents;
    }

    /// A child ends with its parent at the latest.
    private Instant end(Instant now, Optional<SessionId> parent) {
        Instant end = now.plus(TOKEN_LIFE);
        return parent.flatMap(this::find)
                .flatMap(found -> found.session().expires())
                .filter(earlier -> earlier.isBefore(end))
                .orElse(end);
    }

    /// A child's rights only narrow: it starts with its parent's taints. A session that an agent opened by itself
    /// starts with those of the implicit session of the same agent and user.
    private Set<String> inherited(String opener, String agent, Optional<String> user, Optional<SessionId> parent) {
        if (parent.isPresent())
            return find(parent.get()).map(found -> found.session().taints()).orElse(Set.of());
        if (opener.startsWith("host:")) return Set.of();
        return implicit(agent, user).session().taints();
    }

    /// @return the session that a token names; empty where there is none, it is over, or its time is up
    public Optional<Session> byToken(String token) {
        return journal.get(Kind.TOKEN, tokenKey(token))
                .flatMap(document -> document.value().text("session"))
                .flatMap(id -> find(new SessionId(id)))
                .map(Versioned::session)
                .filter(session -> session.state() != Session.State.ENDED)
                .filter(session -> session.expires().isEmpty()
                        || journal.now().isBefore(session.expires().get()));
    }

    public Optional<Versioned> find(SessionId id) {
        return journal.get(Kind.SESSION, id.value())
                .map(document -> new Versioned(Session.of(document.value()), document.version()));
    }

    /// Sessions in order of id.
    public List<Session> list(String after, int limit) {
        return journal.find(Kind.SESSION, Document.Tags.NONE, after, limit).stream()
                .map(document -> Session.of(document.value()))
                .toList();
    }

    /// The session that an agent works in without a token: one for agent and user, which neither reconnecting nor
    /// idling resets; after an operator ended it, the next one is clean.
    public Versioned implicit(String agent, Optional<String> user) {
        var who = JsonObject.with("agent", agent).with("user", user).build();
        return standing("implicit:" + journal.blind(Sha256.of(who)), "implicit", agent, user);
    }

    /// The session that a host works in for a user without having opened one: one for host, agent and user,
    /// which is the host's own; after an operator ended it, the next one is clean.
    public Versioned standing(String host, String agent, Optional<String> user) {
        var who = JsonObject.with("host", host)
                .with("agent", agent)
                .with("user", user)
                .build();
        return standing("standing:" + journal.blind(Sha256.of(who)), "host:" + host, agent, user);
    }

    private Versioned standing(String pointer, String opener, String agent, Optional<String> user) {
        return Attempt.retried(ATTEMPTS, () -> {
            Optional<Document> known = journal.get(Kind.TOKEN, pointer);
            Optional<Versioned> live = known.flatMap(
                            document -> document.value().text("session"))
                    .flatMap(id -> find(new SessionId(id)))
                    .filter(found -> found.session().state() != Session.State.ENDED);
            if (live.isPresent()) return live.get();
            var session = new Session(
                    new SessionId(ids.next("ses")),
                    agent,
                    user,
                    opener,
                    Optional.empty(),
                    Session.State.ACTIVE,
                    false,
                    0,
                    Set.of(),
                    Set.of(),
                    0,
                    journal.now(),
                    Optional.empty());
            var draft = new Draft();
            put(draft, session, 0);
            draft.change(new Change.Put(
                    Kind.TOKEN,
                    pointer,
                    known.map(Document::version).orElse(0L),
                    Document.Tags.NONE,
                    JsonObject.with("session", session.id().value()).build()));
            changed(draft, session, "opened", opener, Optional.empty(), "task");
            journal.commit(draft);
            return new Versioned(session, 1);
        });
    }

    /// Adds what the user said: trusted text.
    ///
    /// @return the session after it; empty where there is no such session
    public Optional<Session> message(SessionId id, String by, String text) {
        return change(id, "message", by, Optional.of(text), session -> session.withMessages(session.messages() + 1));
    }

    /// Pauses, resumes or ends a session; an ended one stays ended.
    public Optional<Session> move(SessionId id, String by, Session.State next) {
        String word = switch (next) {
            case ACTIVE -> "resumed";
            case PAUSED -> "paused";
            case ENDED -> "ended";
        };
        return change(
                id,
                word,
                by,
                Optional.empty(),
                session -> session.state() == Session.State.ENDED ? session : session.in(next));
    }

    private Optional<Session> change(
            SessionId id, String word, String by, Optional<String> text, UnaryOperator<Session> step) {
        return Attempt.retried(ATTEMPTS, () -> {
            Optional<Versioned> found = find(id);
            if (found.isEmpty()) return Optional.<Session>empty();
            Session next = step.apply(found.get().session());
            if (next.equals(found.get().session())) return Optional.of(next);
            var draft = new Draft();
            put(draft, next, found.get().version());
            changed(draft, next, word, by, text, "message/" + next.messages());
            journal.commit(draft);
            return Optional.of(next);
        });
    }

    /// What a decision sees of a session.
    public SessionView view(Versioned found) {
        Session session = found.session();
        var messages = new ArrayList<String>();
        for (int n = 1; n <= session.messages(); n++)
            text(session.id(), "message/" + n).ifPresent(messages::add);
        List<Versioned> origins = lineage(session);
        String task = session.hasTask() ? text(session.id(), "task").orElse("") : "";
        return new SessionView(
                session.id(),
                task,
                session.hostOpened(),
                taints(session, origins),
                session.seen(),
                irreversible(session, origins),
                trajectories.of(session.id()),
                messages,
                found.version());
    }

    /// Adds to a draft what a call that ran (or may run elsewhere) brings into the session, on exactly the version
    /// found: where it brings nothing new, the version is still expected.
    public void saw(Draft draft, Versioned found, ToolName tool, Set<String> taints) {
        spread(draft, lineage(found.session()), origin -> origin.tainted(taints));
        Session next = found.session().saw(tool.toString(), taints);
        if (next.equals(found.session())) draft.change(expect(found));
        else put(draft, next, found.version());
    }

    private static Set<String> taints(Session session, List<Versioned> origins) {
        var taints = new TreeSet<>(session.taints());
        origins.forEach(origin -> taints.addAll(origin.session().taints()));
        return taints;
    }

    /// What those that it comes from have counted counts here: nobody starts anew by opening another.
    private static int irreversible(Session session, List<Versioned> origins) {
        return origins.stream()
                .mapToInt(origin -> origin.session().irreversible())
                .reduce(session.irreversible(), Math::max);
    }

    /// True while the session and every one that it comes from is at work.
    public boolean isActive(Session session) {
        return session.state() == Session.State.ACTIVE
                && lineage(session).stream().allMatch(origin -> origin.session().state() == Session.State.ACTIVE);
    }

    /// Adds to a draft what a permit brings into the session, on exactly the version found.
    ///
    /// @param tool remembered as seen, where it runs out of the guard's sight
    /// @param counted how many calls that cannot be taken back the decision knew of, where this is one more
    /// @throws StoreConflict where there are more or fewer of them by now: the call is to be decided again
    public void enters(Draft draft, Versioned found, Set<String> taints, Optional<ToolName> tool, OptionalInt counted)
            throws StoreConflict {
        List<Versioned> origins = lineage(found.session());
        if (counted.isPresent() && irreversible(found.session(), origins) != counted.getAsInt())
            throw new StoreConflict(Kind.SESSION, found.session().id().value());
        UnaryOperator<Session> step =
                session -> counted.isPresent() ? session.tainted(taints).counted(1) : session.tainted(taints);
        spread(draft, origins, step);
        Session entered = step.apply(found.session());
        Session next = tool.map(name -> entered.saw(name.toString(), taints)).orElse(entered);
        if (next.equals(found.session())) draft.change(expect(found));
        else put(draft, next, found.version());
    }

    /// Adds to a draft that a call which was counted has certainly not run.
    public void uncount(Draft draft, Versioned found) {
        spread(draft, lineage(found.session()), origin -> origin.counted(-1));
        put(draft, found.session().counted(-1), found.version());
    }

    /// What enters a session has entered those that it comes from: nobody sheds a taint by opening another.
    private void spread(Draft draft, List<Versioned> origins, UnaryOperator<Session> step) {
        for (Versioned origin : origins) {
            Session next = step.apply(origin.session());
            if (!next.equals(origin.session())) put(draft, next, origin.version());
        }
    }

    /// Ids of the sessions that one comes from; none where it is not kept.
    public Set<SessionId> origins(SessionId id) {
        return find(id).map(found -> lineage(found.session()).stream()
                        .map(origin -> origin.session().id())
                        .collect(Collectors.toUnmodifiableSet()))
                .orElse(Set.of());
    }

    /// The sessions that one comes from: its parents, nearest first, and for one that an agent opened by itself the
    /// implicit one of the same agent and user.
    public List<Versioned> lineage(Session session) {
        var origins = new ArrayList<Versioned>();
        Optional<SessionId> next = session.parent();
        while (next.isPresent()) {
            Optional<Versioned> parent = find(next.get());
            parent.ifPresent(origins::add);
            next = parent.flatMap(found -> found.session().parent());
        }
        if (session.opener().startsWith("agent:")) {
            Versioned own = implicit(session.agent(), session.user());
            if (origins.stream()
                    .noneMatch(
                            known -> known.session().id().equals(own.session().id()))) origins.add(own);
        }
        return origins;
    }

    /// The window of past calls is read from the log again: an outcome may be durable that nobody here was told of.
    public void reread(SessionId id) {
        trajectories.forget(id);
    }

    /// The change that lets a batch through only while the session is as it was found.
    public Change expect(Versioned found) {
        return new Change.Expect(Kind.SESSION, found.session().id().value(), found.version());
    }

    /// Extends the trajectory by an outcome that guard or host attest, after it was committed and before anyone is
    /// told.
    public void happened(SessionId id, CallId call, PastCall past) {
        trajectories.add(id, call, past);
    }

    private void put(Draft draft, Session session, long expected) {
        draft.change(new Change.Put(
                Kind.SESSION,
                session.id().value(),
                expected,
                new Document.Tags(session.id().value(), session.state().text(), null),
                session.json()));
    }

    private void changed(Draft draft, Session session, String word, String by, Optional<String> text, String bodyName) {
        Optional<Commitment> commitment = text.map(said -> {
            BodySeal.Sealed sealedText = journal.seal(session.id().value() + "/" + bodyName, new JsonText(said));
            draft.body(sealedText.body());
            return sealedText.commitment();
        });
        Instant now = journal.now();
        draft.entry(new Entry.SessionChanged(
                now, session.id(), session.agent(), session.user().map(journal::pseudonym), word, by, commitment));
    }

    private Optional<String> text(SessionId id, String name) {
        return journal.words(id.value() + "/" + name);
    }

    private static String tokenKey(String token) {
        return "session:" + Sha256.of(token.getBytes(StandardCharsets.UTF_8));
    }
}
