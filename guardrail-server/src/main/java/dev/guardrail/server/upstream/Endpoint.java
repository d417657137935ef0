package dev.guardrail.server.upstream;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Where an upstream MCP server is found. It comes from the operator's configuration alone, never from an
/// interface.
public sealed interface Endpoint {

    /// A server over Streamable HTTP (MCP 2025-11-25, basic/transports).
    ///
    /// @param url absolute, `http` or `https`, without user information
    /// @param credential where the bearer token comes from
    record Http(URI url, Optional<? extends CredentialSource> credential) implements Endpoint {
        public Http {
            boolean web = "http".equalsIgnoreCase(url.getScheme()) || "https".equalsIgnoreCase(url.getScheme());
            if (!web || url.getHost() == null || url.getRawUserInfo() != null)
                throw new IllegalArgumentException(
                        "an upstream's url is absolute, http or https, and names no user; put secrets into `credential`");
        }
    }

    /// A server that is a process of ours, over stdio.
    ///
    /// @param command program and arguments, run without a shell
    /// @param environment variables beside the few that every program needs; ours are not handed down
    /// @param directory to run in; ours where empty
    record Stdio(List<String> command, Map<String, String> environment, Optional<Path> directory) implements Endpoint {
        public Stdio {
            command = List.copyOf(command);
            environment = Map.copyOf(environment);
            if (command.isEmpty()) throw new IllegalArgumentException("an upstream's command names a program");
        }

        /// The command alone: values of variables may be secrets.
        @Override
        public String toString() {
            return "Stdio" + command;
        }
    }
}
