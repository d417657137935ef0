package dev.guardrail.server.runner.bwrap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What stands against user namespaces is told, each by its own name.
final class MachineSpec {
    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    private Path root;

    private void file(String name, String text) throws IOException {
        Path file = root.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private List<String> whys() throws IOException {
        return new Machine(root, Map.of())
                .hindrances().stream().map(refusal -> refusal.why()).toList();
    }

    @Test
    void nothing_is_told_where_nothing_stands_against_them() throws IOException {
        file("proc/sys/user/max_user_namespaces", "95000\n");
        file("proc/sys/kernel/unprivileged_userns_clone", "1\n");
        file("proc/sys/kernel/apparmor_restrict_unprivileged_userns", "0\n");
        file("proc/self/status", "Name:\tjava\nSeccomp:\t0\nSeccomp_filters:\t0\n");
        assertEquals(List.of(), whys());
        assertEquals(Optional.empty(), new Machine(root, Map.of()).container());
    }

    @Test
    void each_that_does_is_told() throws IOException {
        file("proc/sys/user/max_user_namespaces", "0\n");
        file("proc/sys/kernel/unprivileged_userns_clone", "0\n");
        file("proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1\n");
        file("proc/self/status", "Name:\tjava\nSeccomp:\t2\nSeccomp_filters:\t1\n");
        List<String> whys = whys();
        assertEquals(4, whys.size(), whys.toString());
        assertTrue(whys.getFirst().contains("switched off"), whys.toString());
        assertTrue(whys.get(2).contains("AppArmor"), whys.toString());
        assertTrue(whys.getLast().contains("a filter of system calls"), whys.toString());
    }

    @Test
    void containers_and_pods_are_told_apart() throws IOException {
        file(".dockerenv", "");
        assertEquals(Optional.of("a container"), new Machine(root, Map.of()).container());
        assertEquals(
                Optional.of("a pod"), new Machine(root, Map.of("KUBERNETES_SERVICE_HOST", "10.0.0.1")).container());
    }
}
