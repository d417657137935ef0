package dev.guardrail.server.identity;

import dev.guardrail.call.Caller;
import dev.guardrail.server.door.ProtectedResource;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Which credential opens which route. A route without an entry opens to nobody.
public final class Routes {
    private static final Set<Role> EVERYBODY = Set.of(Role.values());
    private static final Set<Role> OPERATORS = Set.of(Role.APPROVER, Role.AUDITOR, Role.ADMIN);
    private static final Set<Role> WORKERS = Set.of(Role.AGENT, Role.HOST);
    private static final Set<Role> READERS = Set.of(Role.AUDITOR, Role.ADMIN);

    /// Routes that need no credential.
    static final Set<String> OPEN = Set.of(
            "GET /health/live",
            "HEAD /health/live",
            "GET /health/ready",
            "HEAD /health/ready",
            "GET /approvals/{id}",
            "HEAD /approvals/{id}",
            "GET /.well-known/authzen-configuration",
            "GET /.well-known/oauth-protected-resource",
            "GET /.well-known/oauth-protected-resource/mcp/{server}");

    static final Map<String, Set<Role>> TABLE = table();

    private static final String CONSOLE = "/console";

    /// True for pages, whose visitors sign in behind this door: no key comes with what a browser asks for.
    static boolean isPage(String path) {
        return path.equals("/") || path.equals(CONSOLE) || path.startsWith(CONSOLE + "/");
    }

    private Routes() {}

    /// What a credential can be for.
    public enum Role {
        AGENT,
        HOST,
        APPROVER,
        AUDITOR,
        ADMIN
    }

    private static Map<String, Set<Role>> table() {
        var table = new LinkedHashMap<String, Set<Role>>();
        table.put("POST /v1/sessions", WORKERS);
        table.put("GET /v1/sessions", OPERATORS);
        table.put("GET /v1/sessions/{id}", OPERATORS);
        table.put("POST /v1/sessions/{id}/messages", Set.of(Role.HOST));
        table.put("POST /v1/sessions/{id}/pause", Set.of(Role.ADMIN));
        table.put("POST /v1/sessions/{id}/resume", Set.of(Role.ADMIN));
        table.put("POST /v1/sessions/{id}/end", Set.of(Role.ADMIN));
        table.put("POST /v1/calls", WORKERS);
        table.put("GET /v1/calls/{id}", EVERYBODY);
        table.put("POST /v1/calls/{id}/execute", WORKERS);
        table.put("POST /v1/calls/{id}/result", Set.of(Role.AGENT, Role.HOST, Role.ADMIN));
        table.put("POST /v1/calls/{id}/cancel", Set.of(Role.AGENT, Role.HOST, Role.APPROVER, Role.ADMIN));
        table.put("POST /v1/calls/{id}/undo", Set.of(Role.APPROVER, Role.ADMIN));
        table.put("POST /v1/sessions/{id}/undo", Set.of(Role.APPROVER, Role.ADMIN));
        table.put("POST /v1/undo", Set.of(Role.APPROVER, Role.ADMIN));
        table.put("GET /v1/outbox", EVERYBODY);
        table.put("GET /v1/approvals", OPERATORS);
        table.put("GET /v1/approvals/quality", OPERATORS);
        table.put("GET /v1/approvals/canaries", READERS);
        table.put("POST /v1/approvals/canaries", Set.of(Role.ADMIN));
        table.put("GET /v1/approvals/{id}", OPERATORS);
        table.put("POST /v1/approvals/{id}/approve", Set.of(Role.APPROVER));
        table.put("POST /v1/approvals/{id}/deny", Set.of(Role.APPROVER));
        table.put("POST /v1/approvals/votes", Set.of(Role.APPROVER));
        table.put("POST /v1/approvals/{id}/escalate", Set.of(Role.APPROVER));
        table.put("POST /v1/approvals/{id}/delegate", Set.of(Role.APPROVER));
        table.put("POST /v1/approvals/{id}/ask", Set.of(Role.APPROVER));
        table.put("POST /v1/approvals/{id}/edit", Set.of(Role.APPROVER));
        table.put("POST /v1/approvals/{id}/preview", OPERATORS);
        table.put("GET /v1/grants", OPERATORS);
        table.put("GET /v1/grants/{id}", OPERATORS);
        table.put("DELETE /v1/grants/{id}", Set.of(Role.APPROVER, Role.ADMIN));
        table.put("POST /v1/calls/{id}/answer", WORKERS);
        table.put("POST /v1/stop", Set.of(Role.APPROVER, Role.ADMIN));
        table.put("GET /v1/stop", OPERATORS);
        table.put("POST /v1/console/links", OPERATORS);
        table.put("DELETE /v1/stop/{id}", Set.of(Role.ADMIN));
        table.put("GET /v1/tools", EVERYBODY);
        table.put("POST /v1/tools/{tool}/accept", Set.of(Role.ADMIN));
        table.put("GET /v1/audit/entries", READERS);
        table.put("GET /v1/audit/entries/{number}/proof", READERS);
        table.put("GET /v1/audit/checkpoint", OPERATORS);
        table.put("GET /v1/audit/export", READERS);
        table.put("GET /metrics", READERS);
        table.put("GET /openapi.json", EVERYBODY);
        table.put("GET /openapi.yaml", EVERYBODY);
        table.put("POST /access/v1/evaluation", WORKERS);
        table.put("POST /access/v1/evaluations", WORKERS);
        table.put("POST /access/v1/requests", WORKERS);
        table.put("GET /access/v1/requests/{id}", WORKERS);
        table.put("POST /access/v1/requests/{id}/cancel", WORKERS);
        table.put("POST /mcp/{server}", Set.of(Role.AGENT));
        table.put("GET /mcp/{server}", Set.of(Role.AGENT));
        table.put("DELETE /mcp/{server}", Set.of(Role.AGENT));
        return java.util.Collections.unmodifiableMap(table);
    }

    /// The scope that an access token needs for a route; empty where any token will do.
    ///
    /// @param route method, a space and the route's template
    static Optional<String> scope(String route) {
        String path = route.substring(route.indexOf(' ') + 1);
        if (path.startsWith("/mcp/")) return Optional.of(ProtectedResource.TOOLS);
        return path.startsWith("/v1/") || path.startsWith("/access/")
                ? Optional.of(ProtectedResource.CALLS)
                : Optional.empty();
    }

    static Set<Role> roles(Caller caller) {
        return switch (caller.kind()) {
            case AGENT -> Set.of(Role.AGENT);
            case HOST -> Set.of(Role.HOST);
            case OPERATOR -> {
                var roles = EnumSet.noneOf(Role.class);
                for (Role role : OPERATORS)
                    if (caller.roles().contains(role.name().toLowerCase(java.util.Locale.ROOT))) roles.add(role);
                yield roles;
            }
        };
    }

    /// @param route method, a space and the route's template
    static boolean isOpenTo(String route, Caller caller) {
        return TABLE.getOrDefault(route, Set.of()).stream().anyMatch(roles(caller)::contains);
    }
}
