package dev.guardrail.server.door.mcp;

import dev.guardrail.base.JsonObject;
import java.util.LinkedHashMap;
import java.util.Map;

/// Whose each task is: a server knows the guard alone, so that nobody but whoever was given a task may ask for it.
/// Bounded; a task that was forgotten, as all are by a restart, is nobody's.
final class TaskBook {
    private static final int MOST = 10_000;

    private final Map<String, McpSession.Owner> owners = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, McpSession.Owner> eldest) {
            return size() > MOST;
        }
    };

    /// Notes the task that a response hands out.
    JsonObject noted(Asked asked, JsonObject response) {
        response.object("result")
                .flatMap(result ->
                        result.text("taskId").or(() -> result.object("task").flatMap(task -> task.text("taskId"))))
                .ifPresent(task -> note(key(asked.server(), task), McpSession.Owner.of(asked.caller())));
        return response;
    }

    private synchronized void note(String task, McpSession.Owner owner) {
        owners.put(task, owner);
    }

    boolean isOwn(Asked asked) {
        return asked.params().text("taskId").filter(task -> isOwn(asked, task)).isPresent();
    }

    synchronized boolean isOwn(Asked asked, String task) {
        return McpSession.Owner.of(asked.caller()).equals(owners.get(key(asked.server(), task)));
    }

    private static String key(String server, String task) {
        return server + '/' + task;
    }
}
