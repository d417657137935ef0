package dev.guardrail.call;

/// A tool as policies name it: `server.name`. Compared by exact code points; nothing is normalised.
///
/// @param server 1 to 64 of `[a-z0-9_-]`
/// @param name as the server gives it, 1 to 256 characters without control characters; it may hold dots
public record ToolName(String server, String name) {
    /// The guard itself, as a server: its tools are about calls.
    public static final String GUARD = "guardrail";

    /// Asks people for several calls at once.
    public static final ToolName PLAN = new ToolName(GUARD, "plan");

    private static final String UNDO = "undo:";

    /// Reads a state to be kept; a tool of servers of our own alone.
    public static final String LOOK = UNDO + "look";

    /// Puts back what [#LOOK] read.
    public static final String RESTORE = UNDO + "restore";

    /// Argument of [#LOOK] that holds what it read before, where the same is to be read again.
    public static final String AGAIN = "again";

    public ToolName {
        if (!isServer(server)) throw new IllegalArgumentException("not a server name: `" + server + "`");
        if (name.isEmpty() || name.length() > 256 || name.chars().anyMatch(Character::isISOControl))
            throw new IllegalArgumentException("not a tool name");
    }

    /// @throws IllegalArgumentException unless `text` is a server name, a dot and a tool name
    public static ToolName parse(String text) {
        int dot = text.indexOf('.');
        if (dot < 0) throw new IllegalArgumentException("not `server.name`: `" + text + "`");
        return new ToolName(text.substring(0, dot), text.substring(dot + 1));
    }

    /// True for 1 to 64 characters of `[a-z0-9_-]`.
    public static boolean isServer(String text) {
        return !text.isEmpty()
                && text.length() <= 64
                && text.chars().allMatch(c -> c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '_' || c == '-');
    }

    /// True for what only undoing can reach. No agent can call it, and no server that is not ours can have it.
    public boolean isUndo() {
        return name.startsWith(UNDO);
    }

    @Override
    public String toString() {
        return server + '.' + name;
    }
}
