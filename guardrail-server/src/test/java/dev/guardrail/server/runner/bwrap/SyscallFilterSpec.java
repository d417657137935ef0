package dev.guardrail.server.runner.bwrap;

import static dev.guardrail.server.runner.bwrap.SyscallFilter.ALLOW;
import static dev.guardrail.server.runner.bwrap.SyscallFilter.ENOSYS;
import static dev.guardrail.server.runner.bwrap.SyscallFilter.EPERM;
import static dev.guardrail.server.runner.bwrap.SyscallFilter.KILL;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The filter, row by row and on random calls, for each architecture: run by an interpreter of its own.
class SyscallFilterSpec {
    private static final long HIGH = 0x5A5A_0000_0000_0000L;
    private static final int I386 = 0x4000_0003;
    private static final int ARM = 0x4000_0028;

    /// What programs live on, by name: x86_64, then aarch64.
    private static final Map<String, List<Integer>> ORDINARY = Map.ofEntries(
            Map.entry("read", List.of(0, 63)),
            Map.entry("write", List.of(1, 64)),
            Map.entry("openat", List.of(257, 56)),
            Map.entry("close", List.of(3, 57)),
            Map.entry("mmap", List.of(9, 222)),
            Map.entry("execve", List.of(59, 221)),
            Map.entry("wait4", List.of(61, 260)),
            Map.entry("kill", List.of(62, 129)),
            Map.entry("connect", List.of(42, 203)),
            Map.entry("bind", List.of(49, 200)),
            Map.entry("futex", List.of(202, 98)),
            Map.entry("prctl", List.of(157, 167)),
            Map.entry("seccomp", List.of(317, 277)),
            Map.entry("statx", List.of(332, 291)),
            Map.entry("faccessat2", List.of(439, 439)),
            Map.entry("set_mempolicy_home_node", List.of(450, 450)));

    @TestFactory
    Stream<DynamicTest> each_row_of_the_table_holds() {
        return Arrays.stream(Architecture.values())
                .flatMap(architecture -> rows(architecture).stream()
                        .map(row -> dynamicTest(
                                architecture + " " + row.name(),
                                () -> assertEquals(
                                        Integer.toHexString(row.expected()),
                                        Integer.toHexString(
                                                run(architecture, row.unix(), row.number(), row.arguments()))))));
    }

    private record Row(String name, int expected, boolean unix, int number, long... arguments) {}

    /// One list, so that a reader sees what passes beside what does not.
    private static List<Row> rows(Architecture architecture) {
        var rows = new ArrayList<Row>();
        ORDINARY.forEach((name, numbers) ->
                rows.add(new Row(name, ALLOW, false, numbers.get(architecture.ordinal()), HIGH, HIGH)));
        for (SystemCall call : SystemCall.refused())
            call.number(architecture)
                    .ifPresent(number -> rows.add(new Row(call.toString(), EPERM, true, number, 0, 0)));

        rows.add(of(architecture, "fork", ALLOW, SystemCall.CLONE, 17));
        rows.add(of(architecture, "a thread", ALLOW, SystemCall.CLONE, 0x003D_0F00));
        rows.add(of(architecture, "clone, high bits", ALLOW, SystemCall.CLONE, HIGH | 17));
        for (int bit = 0; bit < 32; bit++)
            if ((SyscallFilter.NEW_NAMESPACES & (1 << bit)) != 0)
                rows.add(of(architecture, "clone, bit " + bit, EPERM, SystemCall.CLONE, (1L << bit) | 17));
        rows.add(of(architecture, "clone3", ENOSYS, SystemCall.CLONE3, 0));

        for (int family = 0; family < 64; family++)
            rows.add(of(
                    architecture,
                    "socket " + family,
                    family == 2 || family == 10 ? ALLOW : EPERM,
                    SystemCall.SOCKET,
                    family,
                    1));
        rows.add(of(architecture, "vsock by high bits", EPERM, SystemCall.SOCKET, HIGH | 40, 1));
        rows.add(of(architecture, "inet, high bits", ALLOW, SystemCall.SOCKET, HIGH | 2, 1));
        rows.add(new Row("unix, allowed", ALLOW, true, number(architecture, SystemCall.SOCKET), 1, 1));
        rows.add(new Row("netlink beside unix", EPERM, true, number(architecture, SystemCall.SOCKET), 16, 3));

        rows.add(of(architecture, "pair of streams", ALLOW, SystemCall.SOCKETPAIR, 1, 1 | 0x80800));
        rows.add(of(architecture, "pair of sequences", ALLOW, SystemCall.SOCKETPAIR, 1, 5));
        rows.add(of(architecture, "pair of datagrams", EPERM, SystemCall.SOCKETPAIR, 1, 2 | 0x80000));
        rows.add(of(architecture, "pair of another family", EPERM, SystemCall.SOCKETPAIR, 2, 1));
        rows.add(new Row("pair of datagrams, unix", ALLOW, true, number(architecture, SystemCall.SOCKETPAIR), 1, 2));

        rows.add(of(architecture, "TCGETS", ALLOW, SystemCall.IOCTL, 0, 0x5401));
        rows.add(of(architecture, "FIONREAD", ALLOW, SystemCall.IOCTL, 0, 0x541B));
        for (long request : List.of(0x5412L, 0x541CL, 0x5423L, 0x1_0000_5412L, HIGH | 0x5412))
            rows.add(of(architecture, "ioctl " + Long.toHexString(request), EPERM, SystemCall.IOCTL, 0, request));

        rows.add(of(architecture, "personality, the usual", ALLOW, SystemCall.PERSONALITY, 0));
        rows.add(of(architecture, "personality, a question", ALLOW, SystemCall.PERSONALITY, 0xFFFF_FFFFL));
        rows.add(of(architecture, "personality, no random addresses", EPERM, SystemCall.PERSONALITY, 0x0040000));
        rows.add(of(architecture, "personality, high bits", EPERM, SystemCall.PERSONALITY, HIGH | 0x0400000));

        for (int above : List.of(451, 452, 462, 1_000, 0x3FFF_FFFF))
            rows.add(new Row("number " + above, ENOSYS, true, above));
        boolean shared = architecture == Architecture.X86_64;
        rows.add(new Row("x32 read", shared ? KILL : ENOSYS, true, 0x4000_0000));
        rows.add(new Row("x32 ptrace", shared ? KILL : ENOSYS, true, 0x4000_0000 + 521));
        rows.add(new Row("number -1", shared ? KILL : ENOSYS, true, -1));
        return rows;
    }

    private static Row of(Architecture architecture, String name, int expected, SystemCall call, long... arguments) {
        return new Row(name, expected, false, number(architecture, call), arguments);
    }

    private static int number(Architecture architecture, SystemCall call) {
        return call.number(architecture).orElseThrow();
    }

    private static int run(Architecture architecture, boolean unix, int number, long... arguments) {
        return new BpfInterpreter(SyscallFilter.assemble(architecture, unix))
                .run(architecture.audit(), number, arguments);
    }

    @ParameterizedTest
    @EnumSource
    void another_machines_calls_kill(Architecture architecture) {
        var filter = new BpfInterpreter(SyscallFilter.assemble(architecture, true));
        int read = ORDINARY.get("read").get(architecture.ordinal());
        assertEquals(ALLOW, filter.run(architecture.audit(), read));
        for (int audit : List.of(I386, ARM, 0, -1, 0x8000_0000 ^ architecture.audit()))
            assertEquals(KILL, filter.run(audit, read), Integer.toHexString(audit));
        for (Architecture other : Architecture.values())
            if (other != architecture) assertEquals(KILL, filter.run(other.audit(), read));
    }

    /// A second statement of what passes, by sets instead of jumps.
    @ParameterizedTest
    @EnumSource
    void random_calls_are_judged_as_the_plain_statement_says(Architecture architecture) {
        var random = new Random(52);
        for (boolean unix : new boolean[] {false, true}) {
            var filter = new BpfInterpreter(SyscallFilter.assemble(architecture, unix));
            var seen = new java.util.HashSet<Integer>();
            for (int round = 0; round < 200_000; round++) {
                int number = random.nextInt(8) == 0 ? random.nextInt() : random.nextInt(500);
                long first = random.nextBoolean() ? random.nextInt(64) : random.nextLong();
                long second = random.nextBoolean() ? 0x5400 + random.nextInt(64) : random.nextLong();
                int expected = plain(architecture, unix, number, (int) first, (int) second);
                assertEquals(
                        expected,
                        filter.run(architecture.audit(), number, first, second),
                        () -> number + " " + first + " " + second);
                seen.add(expected);
            }
            assertTrue(seen.containsAll(Set.of(ALLOW, EPERM, ENOSYS)), seen.toString());
        }
    }

    private static int plain(Architecture architecture, boolean unix, int number, int first, int second) {
        if (architecture == Architecture.X86_64 && (number & 0x4000_0000) != 0) return KILL;
        if (number < 0 || number > 450) return ENOSYS;
        var refused = EnumSet.copyOf(SystemCall.refused());
        for (SystemCall call : SystemCall.values()) {
            if (!call.number(architecture).equals(OptionalInt.of(number))) continue;
            if (refused.contains(call)) return EPERM;
            boolean passes = switch (call) {
                case CLONE -> (first & 0x7E02_0000) == 0;
                case SOCKET -> first == 2 || first == 10 || (unix && first == 1);
                case SOCKETPAIR -> first == 1 && (unix || Set.of(1, 5).contains(second & 15));
                case IOCTL -> !Set.of(0x5412, 0x541C, 0x5423).contains(second);
                case PERSONALITY -> first == 0 || first == -1;
                case CLONE3 -> false;
                default -> throw new IllegalStateException(call.toString());
            };
            if (call == SystemCall.CLONE3) return ENOSYS;
            return passes ? ALLOW : EPERM;
        }
        return ALLOW;
    }

    @ParameterizedTest
    @EnumSource
    void no_number_stands_twice(Architecture architecture) {
        var numbers = Arrays.stream(SystemCall.values())
                .flatMapToInt(call -> call.number(architecture).stream())
                .toArray();
        assertEquals(numbers.length, Arrays.stream(numbers).distinct().count());
        assertTrue(Arrays.stream(numbers).allMatch(number -> number <= SystemCall.CEILING));
    }

    @Test
    void machines_are_known_by_the_names_that_java_gives_them() {
        assertEquals(Architecture.X86_64, Architecture.of("amd64").orElseThrow());
        assertEquals(Architecture.AARCH64, Architecture.of("aarch64").orElseThrow());
        assertTrue(Architecture.of("riscv64").isEmpty());
    }
}
