package dev.guardrail.policy;

import dev.guardrail.call.ToolName;
import java.util.Optional;

/// A pattern over `server.name`: `*` is any run of characters but the dot between server and tool; everything else is
/// itself, by exact code points.
///
/// @param server pattern of the server's part
/// @param name pattern of the tool's part
public record Glob(String server, String name) {
    /// Prefix of actions that are MCP requests but no tool calls; only a pattern that says it matches them.
    public static final String MCP = "mcp:";

    /// @throws IllegalArgumentException unless `text` is `server.name`; a bare `*` is none
    public static Glob parse(String text) {
        int dot = text.indexOf('.');
        if (dot <= 0 || dot == text.length() - 1)
            throw new IllegalArgumentException("not `server.name`: `" + text + "`; every tool is `*.*`");
        return new Glob(text.substring(0, dot), text.substring(dot + 1));
    }

    public boolean matches(ToolName tool) {
        if (tool.name().startsWith(MCP) != name.startsWith(MCP)) return false;
        return matches(server, tool.server()) && matches(name, tool.name());
    }

    /// True where everything that the other matches is surely matched by this one.
    public boolean covers(Glob other) {
        // A star of the other is an ordinary character here, so that only a star of this one takes it.
        if (other.name.startsWith(MCP) != name.startsWith(MCP)) return false;
        return matches(server, other.server) && matches(name, other.name);
    }

    /// The one tool that it can match, where it has no `*`.
    public Optional<ToolName> exact() {
        return isLiteral() ? Optional.of(new ToolName(server, name)) : Optional.empty();
    }

    boolean isLiteral() {
        return server.indexOf('*') < 0 && name.indexOf('*') < 0;
    }

    /// True where a text is as a pattern says, in which `*` stands for any characters.
    ///
    /// Greedy match with one step back to the last star: linear for one star, quadratic at worst, never
    /// exponential.
    public static boolean matches(String pattern, String text) {
        int p = 0;
        int t = 0;
        int star = -1;
        int mark = 0;
        while (t < text.length()) {
            if (p < pattern.length() && pattern.charAt(p) == '*') {
                star = p++;
                mark = t;
            } else if (p < pattern.length() && pattern.charAt(p) == text.charAt(t)) {
                p++;
                t++;
            } else if (star >= 0) {
                p = star + 1;
                t = ++mark;
            } else {
                return false;
            }
        }
        while (p < pattern.length() && pattern.charAt(p) == '*') p++;
        return p == pattern.length();
    }

    @Override
    public String toString() {
        return server + '.' + name;
    }
}
