package dev.guardrail.server.console;

import dev.guardrail.server.wiring.Clocks;
import dev.guardrail.server.wiring.Served;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/// A guard whose operators may sign in at an identity provider: ann has no key, bob has one, and the provider knows
/// others besides.
final class ProviderGuard {
    static final String SECRET = "the-clients-secret-at-the-provider";
    static final String CLIENT = "guardrail-console";

    private static final String CONFIGURATION = """
            listen: 127.0.0.1:PORT
            data: ./data
            policies: [./policies]
            servers:
              crm: {caller: true}
            agents:
              - {name: coder, key: {env: CODER}}
            hosts:
              - {name: app, key: {env: APP}, agents: [coder]}
            operators:
              - {name: ann, subject: "of-the-issuer|ann", roles: [approver], groups: [payments]}
              - {name: bob, key: {env: SAM}, roles: [approver, auditor]}
            identity:
              signIn:
                issuer: "ISSUER"
                clientId: guardrail-console
                secret: {file: ./client-secret}
                url: "http://NAME:PORT"
                name: preferred_username
                scopes: [profile, groups]
                roles:
                  approver: [guard-approvers]
                  auditor: [security]
                  admin: [guard-admins]
                visit: 2h
            """;

    private ProviderGuard() {}

    /// A port of this machine that nobody has now: the provider has to know it before the guard runs.
    static int port() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    static Path secret(Path directory) throws IOException {
        Path secret = directory.resolve("client-secret");
        Files.writeString(secret, SECRET);
        Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
        return secret;
    }

    static Served in(Path directory, String issuer, int port, Clocks clocks) throws Exception {
        return in(directory, issuer, "127.0.0.1", port, clocks);
    }

    /// @param name that browsers reach the guard by
    static Served in(Path directory, String issuer, String name, int port, Clocks clocks) throws Exception {
        secret(directory);
        Files.createDirectory(directory.resolve("policies"));
        Served.write(directory.resolve("policies/rules.yaml"), Served.RULES);
        Served.write(
                directory.resolve("guardrail.yaml"),
                CONFIGURATION.replace("ISSUER", issuer).replace("NAME", name).replace("PORT", String.valueOf(port)));
        return Served.in(directory, clocks);
    }
}
