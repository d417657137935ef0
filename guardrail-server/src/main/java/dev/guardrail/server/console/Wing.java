package dev.guardrail.server.console;

import java.util.Arrays;
import java.util.List;

/// The parts of the console, as its navigation names them. One that is not built yet is not here.
public enum Wing {
    APPROVALS("Approvals", "/console/approvals", Icon.INBOX, Ways.OPERATORS),
    GRANTS("Grants", "/console/grants", Icon.KEY, Ways.OPERATORS),
    SESSIONS("Sessions", "/console/sessions", Icon.AGENT, Ways.OPERATORS),
    AUDIT("Audit", "/console/audit", Icon.LOG, Ways.READERS),
    POLICIES("Policies", "/console/policies", Icon.FILE, Ways.READERS),
    UNDO("Undo", "/console/undo", Icon.UNDO, Ways.OPERATORS),
    TOOLS("Tools", "/console/tools", Icon.LIST, Ways.OPERATORS),
    HEALTH("Health", "/console/health", Icon.PULSE, Ways.OPERATORS),
    STOP("Stop", "/console/stop", Icon.STOP, Ways.OPERATORS);

    private final String title;
    private final String path;
    private final Icon icon;
    private final List<String> roles;

    Wing(String title, String path, Icon icon, List<String> roles) {
        this.title = title;
        this.path = path;
        this.icon = icon;
        this.roles = roles;
    }

    public String title() {
        return title;
    }

    public String path() {
        return path;
    }

    public Icon icon() {
        return icon;
    }

    /// Those that somebody may enter, in order.
    static List<Wing> of(Visit visit) {
        return Arrays.stream(values())
                .filter(wing -> wing.roles.stream().anyMatch(visit::is))
                .toList();
    }
}
