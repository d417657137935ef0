package dev.guardrail.server.cli;

import dev.guardrail.server.wiring.StarterPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;

/// The directory that a demo plays in: configuration, policy, keys (0600) and workspace, all made here.
///
/// @param configuration the `guardrail.yaml` that was written
record DemoStage(Path directory, Path configuration, Path operatorKeyFile, String agentKey, String operatorKey) {

    /// Makes the stage; what an earlier demo left there is kept, but for configuration, policy and keys.
    static DemoStage set(Path directory, int port) throws IOException {
        privately(Files.createDirectories(directory), "rwx------");
        Path keys = privately(Files.createDirectories(directory.resolve("keys")), "rwx------");
        Path policy = privately(Files.createDirectories(directory.resolve("policies")), "rwx------");
        Files.createDirectories(directory.resolve("workspace"));
        for (var source : StarterPolicy.sources())
            write(policy.resolve(Path.of(source.name()).getFileName()), source.text());
        String agent = key();
        String operator = key();
        write(keys.resolve("agent"), agent + "\n");
        Path operatorFile = write(keys.resolve("operator"), operator + "\n");
        Path configuration = write(directory.resolve("guardrail.yaml"), """
                listen: 127.0.0.1:%d
                data: ./data
                policies: [./policies]
                servers:
                  workspace: {builtin: workspace, root: ./workspace}
                agents:
                  - {name: demo-agent, key: {file: ./keys/agent}}
                operators:
                  - {name: you, key: {file: ./keys/operator}, roles: [approver, auditor, admin]}
                """.formatted(port));
        return new DemoStage(directory, configuration, operatorFile, agent, operator);
    }

    static String key() {
        byte[] secret = new byte[32];
        new SecureRandom().nextBytes(secret);
        return "grd_" + Base64.getUrlEncoder().withoutPadding().encodeToString(secret);
    }

    private static Path write(Path file, String text) throws IOException {
        Files.deleteIfExists(file);
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        return Files.writeString(file, text);
    }

    private static Path privately(Path path, String permissions) throws IOException {
        return Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
    }

    /// Keys are secrets: shown by none of their names.
    @Override
    public String toString() {
        return "DemoStage[" + directory + "]";
    }
}
