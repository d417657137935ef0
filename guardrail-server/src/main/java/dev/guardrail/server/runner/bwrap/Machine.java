package dev.guardrail.server.runner.bwrap;

import dev.guardrail.sandbox.Sandbox.Refusal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What of a machine decides whether commands can be confined on it. Bubblewrap runs as somebody who is not root, so
/// what is forbidden to others is forbidden to it, whoever the guard is.
///
/// @param root directory that stands for `/`
/// @param variables of the guard's environment
public record Machine(Path root, Map<String, String> variables) {
    private static final List<Switch> SWITCHES = List.of(
            new Switch(
                    "proc/sys/user/max_user_namespaces",
                    "0",
                    "user namespaces are switched off",
                    "set `user.max_user_namespaces` to some thousands (sysctl)"),
            new Switch(
                    "proc/sys/kernel/unprivileged_userns_clone",
                    "0",
                    "user namespaces are for root alone",
                    "set `kernel.unprivileged_userns_clone` to 1 (sysctl)"),
            new Switch(
                    "proc/sys/kernel/apparmor_restrict_unprivileged_userns",
                    "1",
                    "AppArmor keeps user namespaces from programs that have no profile",
                    "give `bwrap` an AppArmor profile with `userns,`, or set"
                            + " `kernel.apparmor_restrict_unprivileged_userns` to 0 (sysctl)"));

    public Machine {
        variables = Map.copyOf(variables);
    }

    /// A file of the kernel that stands against user namespaces where it has a certain value.
    private record Switch(String file, String against, String why, String mend) {}

    public static Machine here() {
        return new Machine(Path.of("/"), System.getenv());
    }

    /// The kind of container that the guard runs in; empty where none shows.
    public Optional<String> container() {
        if (variables.containsKey("KUBERNETES_SERVICE_HOST")) return Optional.of("a pod");
        boolean marked = Files.exists(root.resolve(".dockerenv")) || Files.exists(root.resolve("run/.containerenv"));
        return marked ? Optional.of("a container") : Optional.empty();
    }

    /// What may be why nothing is confined, each with its mend.
    public List<Refusal> hindrances() throws IOException {
        var found = new ArrayList<Refusal>();
        for (Switch each : SWITCHES) {
            Path file = root.resolve(each.file());
            if (Files.isReadable(file) && Files.readString(file).strip().equals(each.against()))
                found.add(new Refusal(each.why(), each.mend()));
        }
        if (isFiltered())
            found.add(new Refusal(
                    "a filter of system calls lies on the guard itself, as a container's does",
                    "start it with one that permits `clone` and `unshare` of namespaces, `mount` and `pivot_root`"));
        return found;
    }

    private boolean isFiltered() throws IOException {
        Path status = root.resolve("proc/self/status");
        return Files.isReadable(status)
                && Files.readAllLines(status).stream().anyMatch(line -> line.matches("Seccomp:\\s*2"));
    }
}
