package dev.guardrail.server.runner.bwrap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.sandbox.Profile;
import dev.guardrail.sandbox.Property;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Where groups are made, on trees of files that look like those of the kernel.
class ControlGroupsSpec {
    private static final Profile.Limits LIMITS =
            new Profile.Limits(Duration.ofSeconds(1), Duration.ofSeconds(1), 1_000_000, 10, 1, 1, 16);

    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    private Path mount;

    @Test
    void version_one_has_a_group_for_each_controller_below_the_guards_own() throws Exception {
        Files.createDirectories(mount.resolve("memory/of/guard"));
        Files.createDirectories(mount.resolve("pids"));
        var groups = ControlGroups.find(mount, "4:memory:/of/guard\n8:pids:/\n9:name=systemd:/\n0::/\n");
        assertEquals(Set.of(Property.TREE_MEMORY, Property.TREE_PIDS), groups.bounds());
        assertEquals(
                List.of(mount.resolve("memory/of/guard/guardrail-x"), mount.resolve("pids/guardrail-x")),
                groups.of("x"));
        groups.make("x", LIMITS);
        assertEquals("1000000", Files.readString(mount.resolve("memory/of/guard/guardrail-x/memory.limit_in_bytes")));
        assertEquals("12", Files.readString(mount.resolve("pids/guardrail-x/pids.max")));
    }

    @Test
    void a_container_sees_its_own_group_as_the_root() throws Exception {
        Files.createDirectories(mount.resolve("memory"));
        var groups = ControlGroups.find(mount, "4:memory:/docker/0123\n");
        assertEquals(List.of(mount.resolve("memory/guardrail-x")), groups.of("x"));
    }

    @Test
    void version_two_has_one_group_where_controllers_are_handed_on() throws Exception {
        second("", "cpu");
        second("user/guard", "");
        assertEquals(Set.of(), ControlGroups.find(mount, "0::/user/guard\n").bounds());

        Path user = second("user", "cpu memory pids");
        var beside = ControlGroups.find(mount, "0::/user/guard\n");
        assertEquals(Set.of(Property.TREE_MEMORY, Property.TREE_PIDS), beside.bounds());
        assertEquals(List.of(user.resolve("guardrail-x")), beside.of("x"));

        Path guard = second("user/guard", "memory");
        var below = ControlGroups.find(mount, "0::/user/guard\n");
        assertEquals(Set.of(Property.TREE_MEMORY), below.bounds());
        assertEquals(List.of(guard.resolve("guardrail-x")), below.of("x"));
        below.make("x", LIMITS);
        assertEquals("1000000", Files.readString(guard.resolve("guardrail-x/memory.max")));
        assertFalse(Files.exists(guard.resolve("guardrail-x/pids.max")));
    }

    private Path second(String path, String handed) throws IOException {
        Path group = Files.createDirectories(mount.resolve(path));
        Files.writeString(group.resolve("cgroup.controllers"), "cpu memory pids\n");
        Files.writeString(group.resolve("cgroup.subtree_control"), handed + "\n");
        Files.writeString(group.resolve("cgroup.procs"), "");
        return group;
    }

    @Test
    void a_kill_for_memory_is_read_from_either_version() throws Exception {
        Files.createDirectories(mount.resolve("memory"));
        var groups = ControlGroups.find(mount, "4:memory:/\n");
        groups.make("x", LIMITS);
        Path control = mount.resolve("memory/guardrail-x/memory.oom_control");
        Files.writeString(control, "oom_kill_disable 0\nunder_oom 0\noom_kill 0\n");
        assertFalse(groups.killedForMemory("x"));
        Files.writeString(control, "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n");
        assertTrue(groups.killedForMemory("x"));
        Files.delete(control);
        Files.writeString(mount.resolve("memory/guardrail-x/memory.events"), "low 0\noom 1\noom_kill 1\n");
        assertTrue(groups.killedForMemory("x"));
    }

    @Test
    void without_any_nothing_is_bounded() {
        assertEquals(Set.of(), ControlGroups.find(mount, "").bounds());
        assertEquals(
                Set.of(), ControlGroups.find(mount, "no lines\nof any: kind").bounds());
    }
}
