package dev.guardrail.server.runner.bwrap;

import dev.guardrail.sandbox.Profile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The command line that starts a sandbox: a shell enters the control groups and opens the files that bubblewrap reads
/// from, then each program takes the place of the one before it.
///
/// @param memory whether a process's own memory has to be bounded, since nothing bounds that of all of them
record Launch(Programs programs, Den den, List<Path> groups, Account account, Profile profile, boolean memory) {
    /// The first words of its arguments are the number of groups and their directories, then three files.
    private static final String OPEN = """
            n=$1; shift
            while [ "$n" -gt 0 ]; do echo "$$" >"$1/cgroup.procs" || exit 125; shift; n=$((n-1)); done
            filter=$1 status=$2 arguments=$3; shift 3
            exec "$@" 3<"$filter" 4>"$status" 5<"$arguments"
            """;

    private static final List<String> NAMESPACES = List.of(
            "--unshare-user",
            "--unshare-pid",
            "--unshare-net",
            "--unshare-ipc",
            "--unshare-uts",
            "--unshare-cgroup-try",
            "--disable-userns",
            "--cap-drop",
            "ALL",
            "--die-with-parent",
            "--new-session",
            "--hostname",
            "sandbox",
            "--clearenv");

    private static final String PATH = "/usr/local/bin:/usr/bin:/bin";

    /// What bubblewrap is told in a file, where nobody else reads it: variables may be secret.
    ///
    /// @param variables that the command gets
    byte[] arguments(View view, List<Protection.Measure> measures, Map<String, String> variables)
            throws java.io.IOException {
        var arguments = new ArrayList<>(NAMESPACES);
        arguments.addAll(List.of("--setenv", "PATH", PATH, "--setenv", "HOME", "/tmp"));
        variables.forEach((name, value) -> arguments.addAll(List.of("--setenv", name, value)));
        arguments.addAll(view.mounts(profile, den, measures));
        arguments.addAll(
                List.of("--chdir", view.seesWorkspace() ? view.workspace().toString() : "/"));
        arguments.addAll(List.of("--json-status-fd", "4", "--seccomp", "3"));
        return (String.join("\0", arguments) + "\0").getBytes(StandardCharsets.UTF_8);
    }

    /// @param command program and arguments
    List<String> words(List<String> command) {
        var words = new ArrayList<>(List.of(programs.sh(), "-c", OPEN, "sh", Integer.toString(groups.size())));
        for (Path group : groups) words.add(group.toString());
        for (String file : List.of("filter", "status", "arguments"))
            words.add(den.file(file).toString());
        var limits = profile.limits();
        long seconds = seconds(limits.cpu());
        words.addAll(List.of(
                programs.prlimit(),
                "--core=0",
                "--cpu=" + seconds + ":" + (seconds + 1),
                "--fsize=" + limits.fileBytes(),
                "--nofile=" + limits.openFiles()));
        if (memory) words.add("--data=" + limits.memoryBytes());
        words.add("--");
        if (account.switched()) words.addAll(programs.as(account));
        words.addAll(List.of(programs.bubblewrap(), "--args", "5", "--"));
        // Inside, where the kernel counts the sandbox's own processes alone, of which one is bubblewrap's.
        words.addAll(List.of("/usr/bin/prlimit", "--nproc=" + (limits.pids() + 1), "--"));
        words.addAll(command);
        return words;
    }

    private static long seconds(Duration span) {
        return Math.max(1, (span.toMillis() + 999) / 1_000);
    }

    /// The only line of the sandbox's `passwd` or `group`.
    static String passwd(Account account) {
        return "sandbox:x:" + account.uid() + ":" + account.gid() + "::/tmp:/bin/sh\n";
    }

    static String group(Account account) {
        return "sandbox:x:" + account.gid() + ":\n";
    }

    /// Which limit a command ran into, as its exit code tells.
    static Optional<dev.guardrail.sandbox.Outcome.Bound> bound(int exitCode) {
        return switch (exitCode) {
            case 128 + 24 -> Optional.of(dev.guardrail.sandbox.Outcome.Bound.CPU); // SIGXCPU
            case 128 + 25 -> Optional.of(dev.guardrail.sandbox.Outcome.Bound.FILE); // SIGXFSZ
            default -> Optional.empty();
        };
    }
}
