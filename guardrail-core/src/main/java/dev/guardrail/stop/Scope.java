package dev.guardrail.stop;

import java.util.Locale;

/// How far a stop reaches.
public enum Scope {
    /// Every call of every agent.
    ALL,
    /// One agent, in all of its sessions.
    AGENT,
    /// One session, and those that come from it.
    SESSION,
    /// One tool, as `server.name`, whoever calls it.
    TOOL,
    /// One server, with all of its tools and all else that can be asked of it.
    SERVER;

    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// @throws IllegalArgumentException if there is no such scope
    public static Scope parse(String text) {
        for (Scope scope : values()) if (scope.text().equals(text)) return scope;
        throw new IllegalArgumentException("no scope `" + text + "`");
    }
}
