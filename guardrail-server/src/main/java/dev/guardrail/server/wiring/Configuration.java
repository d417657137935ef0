package dev.guardrail.server.wiring;

import dev.guardrail.approval.CanaryPlan;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.Sha256;
import dev.guardrail.call.ToolName;
import dev.guardrail.pack.Place;
import dev.guardrail.server.identity.Origin;
import dev.guardrail.server.notify.SmtpChannel;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.Set;

/// What the operator configured (`guardrail.yaml`), every path resolved and every credential's source found to exist.
///
/// @param origin where it was read; empty for the embedded defaults
/// @param policies files and directories of policy files; empty for the embedded starter policy where `origin` is
/// @param signingKey where the log's private key lies; in the data directory where empty
/// @param pending calls of one agent that may wait for people at a time
/// @param signIn where operators sign in beside keys; nowhere where empty
/// @param telemetry where spans are sent; nowhere where empty
/// @param channels that people are told through, by name, in their order
/// @param canaries how approvers are tested; not at all where empty
public record Configuration(
        Optional<Path> origin,
        Listen listen,
        Path data,
        Optional<Path> signingKey,
        List<Path> policies,
        Map<String, Server> servers,
        List<Principal> principals,
        Set<String> origins,
        Limits limits,
        Duration hold,
        int pending,
        Optional<OAuth> oauth,
        Optional<SignIn> signIn,
        Optional<URI> telemetry,
        Map<String, Channel> channels,
        Optional<CanaryPlan> canaries) {

    public Configuration {
        policies = List.copyOf(policies);
        servers = java.util.Collections.unmodifiableMap(new java.util.LinkedHashMap<>(servers));
        principals = List.copyOf(principals);
        origins = Set.copyOf(origins);
        channels = java.util.Collections.unmodifiableMap(new java.util.LinkedHashMap<>(channels));
    }

    /// Names of the servers that calls can be made of: those configured, and the guard itself, last.
    public SequencedSet<String> names() {
        var names = new LinkedHashSet<>(servers.keySet());
        names.add(ToolName.GUARD);
        return names;
    }

    /// Where requests are taken.
    ///
    /// @param port 0 for any that is free
    /// @param socket a Unix socket instead of host and port
    public record Listen(String host, int port, Optional<Tls> tls, Optional<Path> socket) {}

    /// PEM files of the certificate chain and its key.
    public record Tls(Path certificate, Path key) {}

    /// The authorization server whose access tokens are taken.
    ///
    /// @param issuer its identifier, to the letter
    /// @param audience name of this guard in its tokens, to the letter
    /// @param base where clients reach this guard: scheme and authority
    /// @param keyOrigins where its keys may lie, beside its own origin
    public record OAuth(String issuer, String audience, String base, Set<Origin> keyOrigins) {
        public OAuth {
            keyOrigins = Set.copyOf(keyOrigins);
        }
    }

    /// The identity provider that operators sign in at (OpenID Connect).
    ///
    /// @param issuer its identifier, to the letter
    /// @param secret ours there; empty for a client without one
    /// @param base where browsers reach this guard: scheme and authority
    /// @param name claim that people are known by
    /// @param groups claim with their groups
    /// @param roles of operators, by the provider's group
    /// @param visit how long a visit lasts
    /// @param origins where its endpoints and keys may lie, beside its own
    public record SignIn(
            URI issuer,
            String clientId,
            Optional<Secret> secret,
            String base,
            String name,
            String groups,
            List<String> scopes,
            Map<String, Set<String>> roles,
            Duration visit,
            Set<Origin> origins) {
        public SignIn {
            scopes = List.copyOf(scopes);
            roles = Map.copyOf(roles);
            origins = Set.copyOf(origins);
        }
    }

    /// Ceilings in bytes; above is refused.
    public record Limits(int message, int arguments, int result) {
        public static final Limits DEFAULT = new Limits(4 << 20, 1 << 20, 8 << 20);
    }

    /// An upstream.
    public sealed interface Server {

        /// An MCP server over Streamable HTTP.
        record Http(URI url, Optional<Credential> credential, Optional<Path> root) implements Server {}

        /// An MCP server over stdio.
        record Stdio(List<String> command, Map<String, String> environment, Optional<Path> root) implements Server {
            public Stdio {
                command = List.copyOf(command);
                environment = Map.copyOf(environment);
            }

            /// Values of variables may be secrets.
            @Override
            public String toString() {
                return "Stdio" + command;
            }
        }

        /// The built-in tools under a directory.
        record Workspace(Path root) implements Server {}

        /// What undo reads beside the tools of others, and puts back.
        sealed interface Kept extends Server {}

        /// Rows of a database.
        ///
        /// @param tables that may be touched
        record Rows(Store store, List<String> tables) implements Kept {
            public Rows {
                tables = List.copyOf(tables);
            }
        }

        /// Resources of an HTTP server.
        ///
        /// @param base ends with a slash
        record Resources(URI base, Optional<Credential> credential) implements Kept {}

        /// States that a program of the operator's reads and puts back.
        ///
        /// @param command program and arguments
        /// @param target JSON Schema of what it can be asked about
        record Command(List<String> command, Map<String, String> environment, JsonObject target) implements Kept {
            public Command {
                command = List.copyOf(command);
                environment = Map.copyOf(environment);
            }

            /// Values of variables may be secrets.
            @Override
            public String toString() {
                return "Command" + command;
            }
        }

        /// States that a class of the operator's reads and puts back.
        ///
        /// @param provider name of its source
        /// @param jars directory in which it is looked for, beside the class path
        /// @param place where the configuration names it
        record Java(String provider, JsonObject settings, Optional<Path> jars, Place place) implements Kept {
            /// Settings may be anything.
            @Override
            public String toString() {
                return "Java[" + provider + "]";
            }
        }

        /// Git repositories below a directory.
        record Git(Path root) implements Kept {}

        /// Tools that the caller runs itself.
        record CallerRun() implements Server {}
    }

    /// A database of somebody else's.
    public sealed interface Store {

        /// @param file absolute
        record Sqlite(Path file) implements Store {}

        /// @param url `jdbc:postgresql://HOST/NAME`
        record Postgres(String url, Optional<String> user, Optional<Secret> password) implements Store {}
    }

    /// What a server over HTTP is shown.
    public sealed interface Credential {

        /// Always the same one.
        record Fixed(Secret secret) implements Credential {}

        /// A token of our own (RFC 6749, section 4.4).
        record ClientCredentials(Client client, Target target) implements Credential {}

        /// A token of each user's, got for the one that the caller came with (RFC 8693).
        record Exchange(Client client, Target target) implements Credential {}

        /// Who we are to an authorization server.
        record Client(URI tokenUrl, String id, Secret secret) {}

        /// What a token is asked for.
        ///
        /// @param resource the server, as RFC 8707 names it
        /// @param audience the server, as RFC 8693 names it
        record Target(Optional<String> scope, Optional<String> resource, Optional<String> audience) {}
    }

    /// A way to tell people.
    ///
    /// @param fallback channel that gets what this one does not deliver; any other where empty
    /// @param timeout of a connection, and of an answer after that
    public record Channel(Medium medium, Optional<String> fallback, Duration timeout) {}

    /// What a channel goes through.
    public sealed interface Medium {

        /// Signed events over HTTP.
        record Webhook(URI url, Secret secret) implements Medium {
            /// Many receivers know their senders by the address.
            @Override
            public String toString() {
                return "Webhook[" + Origin.of(url) + "]";
            }
        }

        /// A server of ntfy.
        record Ntfy(URI server, String topic, Optional<Secret> token) implements Medium {
            /// A topic is as good as a password where there is no token.
            @Override
            public String toString() {
                return "Ntfy[" + server + "]";
            }
        }

        /// An incoming webhook of Slack, whose address is a secret.
        record Slack(Secret url) implements Medium {}

        /// Mail.
        record Smtp(SmtpChannel.Server server, String from, List<String> to, Optional<Login> login) implements Medium {
            public Smtp {
                to = List.copyOf(to);
            }
        }

        /// Who we are to a mail server.
        record Login(String user, Secret password) {}
    }

    /// Where a secret lies. It is read when it is used and shows in no text.
    public sealed interface Secret {
        record Environment(String name) implements Secret {}

        record File(Path path) implements Secret {}
    }

    /// Somebody with a credential.
    ///
    /// @param keys digests of the live keys, one or two; none for whoever has a `client` or a `subject` alone
    /// @param client under which the authorization server knows an agent
    /// @param subject under which the identity provider knows an operator
    public record Principal(
            Kind kind,
            String name,
            Set<String> roles,
            Set<String> groups,
            Set<String> agents,
            List<Sha256> keys,
            Optional<String> client,
            Optional<String> subject) {

        /// What somebody is.
        public enum Kind {
            AGENT,
            HOST,
            OPERATOR
        }

        public Principal {
            roles = Set.copyOf(roles);
            groups = Set.copyOf(groups);
            agents = Set.copyOf(agents);
            keys = List.copyOf(keys);
        }
    }
}
