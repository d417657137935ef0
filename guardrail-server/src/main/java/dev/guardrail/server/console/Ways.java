package dev.guardrail.server.console;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Who may go where in the console, by method and template of the route. A route without an entry opens to nobody.
public final class Ways {
    static final List<String> OPERATORS = List.of("approver", "auditor", "admin");

    static final List<String> READERS = List.of("auditor", "admin");

    private static final List<String> APPROVERS = List.of("approver");
    private static final List<String> ADMINS = List.of("admin");
    private static final List<String> STOPPERS = List.of("approver", "admin");
    private static final List<String> UNDOERS = List.of("approver", "admin");

    /// Where one goes who has not signed in.
    static final Set<String> OPEN = Set.of(
            "GET /",
            "GET /console/assets/{name}",
            "GET /console/sign-in",
            "POST /console/sign-in",
            "GET /console/sign-in/issuer",
            "GET /console/sign-in/return",
            "GET /console/sign-in/out",
            "GET /console/enter",
            "POST /console/enter");

    public static final Map<String, List<String>> TABLE = table();

    private Ways() {}

    private static Map<String, List<String>> table() {
        var table = new LinkedHashMap<String, List<String>>();
        table.put("GET /console", OPERATORS);
        table.put("POST /console/sign-out", OPERATORS);
        table.put("POST /console/theme", OPERATORS);
        table.put("GET /console/events", OPERATORS);
        table.put("GET /console/approvals", OPERATORS);
        table.put("GET /console/approvals/quality", OPERATORS);
        for (String method : List.of("GET", "POST")) table.put(method + " /console/approvals/batch", APPROVERS);
        table.put("GET /console/approvals/{id}", OPERATORS);
        for (String deed : List.of("approve", "deny", "edit", "escalate", "delegate", "ask"))
            table.put("POST /console/approvals/{id}/" + deed, APPROVERS);
        table.put("GET /console/grants", OPERATORS);
        table.put("POST /console/grants/{id}/revoke", STOPPERS);
        table.put("GET /console/stop", OPERATORS);
        table.put("POST /console/stop", STOPPERS);
        table.put("POST /console/stop/{id}/lift", ADMINS);
        addRooms(table);
        return Collections.unmodifiableMap(table);
    }

    private static void addRooms(Map<String, List<String>> table) {
        for (String page : List.of("", "/{number}", "/{number}/proof", "/export"))
            table.put("GET /console/audit" + page, READERS);
        for (String deed : List.of("{number}/reveal", "arguments", "searches", "searches/{id}/delete"))
            table.put("POST /console/audit/" + deed, READERS);
        table.put("GET /console/policies", READERS);
        table.put("GET /console/tools", OPERATORS);
        table.put("POST /console/tools/{tool}/accept", ADMINS);
        table.put("GET /console/sessions", OPERATORS);
        table.put("GET /console/sessions/{id}", OPERATORS);
        for (String move : List.of("pause", "resume", "end")) table.put("POST /console/sessions/{id}/" + move, ADMINS);
        table.put("GET /console/undo", OPERATORS);
        for (String method : List.of("GET", "POST")) table.put(method + " /console/undo/{id}", UNDOERS);
        table.put("GET /console/undo/runs/{run}", UNDOERS);
        table.put("GET /console/health", OPERATORS);
    }

    static boolean isOpen(String route) {
        return OPEN.contains(route);
    }

    static boolean isOpenTo(String route, Visit visit) {
        return TABLE.getOrDefault(route, List.of()).stream().anyMatch(visit::is);
    }
}
