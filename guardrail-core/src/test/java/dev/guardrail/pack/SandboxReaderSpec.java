package dev.guardrail.pack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.sandbox.Profile;
import dev.guardrail.sandbox.Property;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// Sandbox profiles as files say them.
class SandboxReaderSpec {
    private static final String HEADER = "apiVersion: guardrail/v1\nkind: Sandbox\n";

    @Test
    void a_profile_is_read_whole() {
        var pack = read(HEADER + """
                metadata: {name: build, owner: platform}
                fs: {read: [/usr, .], write: [{path: /work, protect: [.git, config/keys]}], tmp: 8MiB}
                net: {mode: none, unix: true}
                limits: {cpu: 1m, wall: 2m, memory: 1GiB, pids: 7, file: 1MB, output: 2KiB, openFiles: 64}
                env: {pass: [LANG], set: {HOME: /work}}
                require: [pidns, treeMemory]
                """);
        assertEquals(List.of(), pack.diagnostics());
        assertEquals(
                Map.of(
                        "build",
                        new Profile(
                                "build",
                                new Profile.Reach(
                                        List.of("/usr", "."),
                                        List.of(new Profile.Write("/work", List.of(".git", "config/keys"))),
                                        8 << 20),
                                new Profile.Network(true),
                                new Profile.Limits(
                                        Duration.ofMinutes(1), Duration.ofMinutes(2), 1 << 30, 7, 1_000_000, 2048, 64),
                                new Profile.Environment(Set.of("LANG"), Map.of("HOME", "/work")),
                                EnumSet.of(Property.PIDNS, Property.TREE_MEMORY))),
                pack.profiles());
    }

    @Test
    void what_is_left_out_is_narrow() {
        var profile = read(HEADER + "metadata: {name: least}\n").profiles().get("least");
        assertEquals(List.of(), profile.files().read());
        assertEquals(List.of(), profile.files().write());
        assertFalse(profile.network().unix());
        assertEquals(new Profile.Environment(Set.of(), Map.of()), profile.environment());
        assertEquals(Duration.ofSeconds(120), profile.limits().wall());
        assertEquals(512 << 20, profile.limits().memoryBytes());
    }

    @Test
    void one_error_anywhere_leaves_no_profile() {
        String sound = HEADER + "metadata: {name: one}\n";
        assertEquals(Set.of("one"), read(sound).profiles().keySet());
        var broken = read(sound + "---\n" + HEADER + "metadata: {name: two}\nnet: {mode: proxy}\n");
        assertFalse(broken.isSound());
        assertEquals(Map.of(), broken.profiles());
    }

    @Test
    void a_profile_is_part_of_the_version_of_the_policies() {
        String rules =
                "apiVersion: guardrail/v1\nkind: Policy\nrules: [{id: a, match: {tools: [\"a.*\"]}, effect: deny}]\n";
        String small = "---\n" + HEADER + "metadata: {name: one}\nlimits: {pids: 1}\n";
        String large = "---\n" + HEADER + "metadata: {name: one}\nlimits: {pids: 2}\n";
        assertEquals(version(rules + small), version(rules + small));
        assertNotEquals(version(rules + small), version(rules + large));
        assertNotEquals(version(rules), version(rules + small));
    }

    @Test
    void those_that_come_with_the_project_are_these() {
        var pack = new PackReader().read(List.of(Path.of("..", "policies", "sandbox")));
        assertEquals(
                Set.of("strict", "build", "stdio-server", "python", "node", "git"),
                pack.profiles().keySet());
        for (Profile profile : pack.profiles().values())
            assertTrue(profile.require().containsAll(Set.of(Property.SECCOMP, Property.NETNS)), profile.name());
    }

    private static Object version(String text) {
        return read(text).policies().version();
    }

    private static PolicyPack read(String text) {
        return new PackReader().readSources(List.of(new Source("sandbox.yaml", text)));
    }
}
