package dev.guardrail.server.console.tools;

import dev.guardrail.server.console.Badge;
import dev.guardrail.server.console.Bit;
import java.util.List;

/// The catalogue, server by server, and the agents that may call it.
///
/// @param waiting tools that wait for an operator
/// @param acceptor true where the visitor may accept definitions
/// @param reader true where the visitor may read the log
public record ToolsPage(
        List<Group> servers, List<Pending> waiting, List<AgentLine> agents, boolean acceptor, boolean reader) {
    public ToolsPage {
        servers = List.copyOf(servers);
        waiting = List.copyOf(waiting);
        agents = List.copyOf(agents);
    }

    /// An upstream and its tools.
    public record Group(String name, List<Tool> tools) {}

    /// A tool as it can be called.
    ///
    /// @param effect what it does, as the catalogue says; empty where nothing is known
    /// @param marks labels and taints
    /// @param rules that look at it, whatever their conditions say
    /// @param people who may approve it
    public record Tool(
            List<Bit> name,
            Badge state,
            String effect,
            List<String> marks,
            List<RuleWord> rules,
            String people,
            String digest,
            List<Bit> definition) {}

    /// A rule by its answer.
    public record RuleWord(String id, Badge effect) {}

    /// A definition that waits for acceptance.
    ///
    /// @param name as it stands in addresses
    /// @param digest of the definition that is accepted with the form
    /// @param first true where none was accepted before
    public record Pending(
            List<Bit> tool,
            String name,
            String digest,
            boolean first,
            List<List<Bit>> findings,
            List<Change> changes,
            List<Bit> definition) {}

    /// One value that is another one.
    public record Change(List<Bit> at, List<Bit> before, List<Bit> after) {}

    /// An agent that is configured.
    public record AgentLine(List<Bit> name, String entries) {}
}
