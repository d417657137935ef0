package dev.guardrail.server.crash;

import dev.guardrail.base.JsonObject;
import dev.guardrail.server.crash.SidecarProcess.Answer;
import dev.guardrail.server.wiring.Served;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/// Agents that write, overwrite and delete through a guard, and operators that take all of it back, until the guard is
/// gone; then, on the next one, whoever goes on with what was left.
final class UndoLoad {
    static final int AGENTS = 4;
    private static final int KEYS = 4;

    private static final String REASON = "{\"reason\":\"wrong\"}";

    /// Times that an undo is asked for before it counts as one that does not come to an end.
    private static final int TRIES = 40;

    private final Ledger.Running ledger;
    private final HttpClient client;
    private final AtomicInteger nonces = new AtomicInteger();
    final List<UndoneSession> sessions = new ArrayList<>();
    final List<String> broken = Collections.synchronizedList(new ArrayList<>());
    final AtomicInteger races = new AtomicInteger();

    /// How often anybody was answered.
    final AtomicInteger answers = new AtomicInteger();

    UndoLoad(Ledger.Running ledger, HttpClient client) {
        this.ledger = ledger;
        this.client = client;
    }

    /// Works until the guard is killed.
    void work(SidecarProcess guard, long seed) {
        var random = new Random(seed);
        while (guard.isAlive()) {
            Optional<UndoneSession> opened = open(guard, random);
            if (opened.isEmpty()) return;
            UndoneSession session = opened.get();
            synchronized (sessions) {
                sessions.add(session);
            }
            int calls = 1 + random.nextInt(5);
            for (int call = 0; call < calls; call++) if (!act(guard, session, random)) return;
            if (!undo(guard, session, random.nextInt(4))) return;
        }
    }

    private Optional<UndoneSession> open(SidecarProcess guard, Random random) {
        return guard.post(Served.CODER, "/v1/sessions", "{}").map(answer -> {
            var session = new UndoneSession(answer.text("session"));
            for (int key = 0; key < KEYS; key++)
                if (random.nextBoolean()) session.before.put(session.id + "/" + key, seed(session.id + "/" + key));
            return session;
        });
    }

    /// Puts something into the ledger beside the guard.
    private String seed(String key) {
        String tag = Ledger.SEED + nonces.incrementAndGet();
        var call = JsonObject.with("jsonrpc", "2.0")
                .with("id", 1)
                .with("method", "tools/call")
                .with(
                        "params",
                        JsonObject.with("name", "put")
                                .with(
                                        "arguments",
                                        JsonObject.with("key", key)
                                                .with("value", tag)
                                                .with("nonce", tag)
                                                .build())
                                .build())
                .build();
        try {
            client.send(
                    HttpRequest.newBuilder(URI.create(ledger.url()))
                            .POST(HttpRequest.BodyPublishers.ofString(call.toString()))
                            .build(),
                    HttpResponse.BodyHandlers.discarding());
        } catch (IOException | InterruptedException failed) {
            throw new IllegalStateException(failed);
        }
        return tag;
    }

    /// One call of the agent.
    ///
    /// @return false where the guard is gone
    private boolean act(SidecarProcess guard, UndoneSession session, Random random) {
        Map<String, String> state = session.state();
        String key = session.id + "/" + random.nextInt(KEYS);
        boolean deletes = state.containsKey(key) && random.nextInt(4) == 0;
        String nonce = "n" + nonces.incrementAndGet();
        var act = new UndoneSession.Act(key, deletes ? "" : "v" + nonce, nonce, "", "");
        session.acts.add(act);
        var arguments = JsonObject.with("key", key).with("nonce", nonce);
        if (!deletes) arguments.with("value", act.value());
        var body = JsonObject.with("tool", deletes ? "ledger.delete" : "ledger.put")
                .with("session", session.id)
                .with("run", "guard")
                .with("arguments", arguments.build())
                .build();
        Optional<Answer> answer = guard.post(Served.CODER, "/v1/calls", body.toString());
        if (answer.isEmpty()) return false;
        answers.incrementAndGet();
        session.acts.removeLast();
        String told = answer.get().text("state");
        if (told.equals("succeeded")) session.acts.add(act.told(answer.get().text("callId"), told));
        else if (!told.equals("denied")) broken.add("a call was answered " + answer.get());
        return true;
    }

    /// Undoes a session: at once, by two at the same time, or call by call.
    private boolean undo(SidecarProcess guard, UndoneSession session, int how) {
        if (how == 1) {
            for (var act : session.acts.reversed())
                if (!asked(guard, session, act.call(), "calls/" + act.call())) return false;
        } else if (how == 2) {
            races.incrementAndGet();
            Callable<Boolean> one = () -> guard.post(Served.ROOT, path("sessions/" + session.id), REASON)
                    .isPresent();
            session.undoing = "*";
            try (var two = Executors.newFixedThreadPool(2)) {
                for (var done : two.invokeAll(List.of(one, one))) if (!done.resultNow()) return false;
            } catch (InterruptedException stopped) {
                throw new IllegalStateException(stopped);
            }
        }
        return settle(guard, session);
    }

    private static String path(String what) {
        return "/v1/" + what + "/undo";
    }

    private boolean asked(SidecarProcess guard, UndoneSession session, String undoing, String what) {
        return answered(guard, session, undoing, what).isPresent();
    }

    private Optional<Answer> answered(SidecarProcess guard, UndoneSession session, String undoing, String what) {
        session.undoing = undoing;
        Optional<Answer> answer = guard.post(Served.ROOT, path(what), REASON);
        if (answer.isEmpty()) return answer;
        answers.incrementAndGet();
        session.undoing = null;
        for (var step : steps(answer.get()))
            if (step.text("state").orElse("").equals("undone"))
                session.toldUndone.add(step.text("call").orElseThrow());
        return answer;
    }

    private static List<JsonObject> steps(Answer answer) {
        return answer.json().array("steps").map(steps -> steps.objects()).orElse(List.of());
    }

    /// Asks for a session's undo until nothing is left that asking or telling brings further.
    ///
    /// @return false where the guard is gone
    boolean settle(SidecarProcess guard, UndoneSession session) {
        for (int attempt = 0; attempt < TRIES; attempt++) {
            Optional<Answer> answer = answered(guard, session, "*", "sessions/" + session.id);
            if (answer.isEmpty()) return false;
            boolean further = answer.get().status() != 200;
            for (JsonObject step : steps(answer.get())) {
                switch (step.text("state").orElse("")) {
                    case "undone", "conflict" -> {}
                    case "in_doubt" -> further |= tell(guard, step.text("by").orElseThrow(), tookBack(step));
                    case "cannot" -> further |= tell(guard, step.text("call").orElseThrow(), acted(session));
                    default -> further = true;
                }
            }
            if (!guard.isAlive()) return false;
            if (!further) {
                session.closed = true;
                return true;
            }
        }
        broken.add("the undo of " + session.id + " does not come to an end");
        return true;
    }

    /// A person looks at the ledger, and tells.
    private static boolean tell(SidecarProcess guard, String call, boolean ok) {
        guard.post(Served.ROOT, "/v1/calls/" + call + "/result", "{\"ok\":" + ok + "}");
        return true;
    }

    private boolean tookBack(JsonObject step) {
        String call = step.text("call").orElseThrow();
        return lines().stream().anyMatch(line -> line.takesBack() && line.tag().equals(call));
    }

    private boolean acted(UndoneSession session) {
        String nonce = session.inFlight().map(UndoneSession.Act::nonce).orElse("-");
        return lines().stream().anyMatch(line -> line.tag().equals(nonce));
    }

    private List<Ledger.Line> lines() {
        try {
            return ledger.lines();
        } catch (IOException unreadable) {
            throw new IllegalStateException(unreadable);
        }
    }
}
