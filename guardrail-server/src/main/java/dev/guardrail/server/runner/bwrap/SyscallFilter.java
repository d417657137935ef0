package dev.guardrail.server.runner.bwrap;

import dev.guardrail.server.runner.bwrap.BpfAssembler.Label;

/// The filter of system calls of every sandbox, as a program for seccomp. What it does not name passes: the calls that
/// reach beyond a process's own memory, files and children are named.
///
/// Arguments are compared by their low 32 bits where the kernel takes no more: what stands above cannot hide a value.
final class SyscallFilter {
    static final int ALLOW = 0x7FFF_0000;
    static final int KILL = 0x8000_0000;
    private static final int ERRNO = 0x0005_0000;
    static final int EPERM = ERRNO | 1;
    static final int ENOSYS = ERRNO | 38;

    /// Offsets in the call's data (`struct seccomp_data`, little-endian).
    private static final int NUMBER = 0;

    private static final int AUDIT = 4;
    private static final int FIRST_ARGUMENT = 16;
    private static final int SECOND_ARGUMENT = 24;

    /// Flags of `clone` for new namespaces: mount, cgroup, UTS, IPC, user, PID, network.
    static final int NEW_NAMESPACES =
            0x0002_0000 | 0x0200_0000 | 0x0400_0000 | 0x0800_0000 | 0x1000_0000 | 0x2000_0000 | 0x4000_0000;

    static final int AF_UNIX = 1;
    static final int AF_INET = 2;
    static final int AF_INET6 = 10;
    static final int SOCK_STREAM = 1;
    static final int SOCK_SEQPACKET = 5;
    private static final int SOCK_TYPE = 0xF;

    /// Put characters into a terminal's input, or change how it takes them.
    static final int TIOCSTI = 0x5412;

    static final int TIOCLINUX = 0x541C;
    static final int TIOCSETD = 0x5423;

    /// Asks `personality` for the present one.
    static final int QUERY = 0xFFFF_FFFF;

    private final Label allow = new Label();
    private final Label refuse = new Label();
    private final Label unknown = new Label();
    private final Label kill = new Label();
    private final Label clone = new Label();
    private final Label socket = new Label();
    private final Label pair = new Label();
    private final Label control = new Label();
    private final Label personality = new Label();

    private final BpfAssembler program = new BpfAssembler();
    private final Architecture architecture;

    private SyscallFilter(Architecture architecture) {
        this.architecture = architecture;
    }

    /// @param unix whether Unix sockets with names are let through
    static byte[] assemble(Architecture architecture, boolean unix) {
        var filter = new SyscallFilter(architecture);
        filter.numbers();
        filter.arguments(unix);
        filter.verdicts();
        return filter.program.assemble();
    }

    private void numbers() {
        var known = new Label();
        program.load(AUDIT).ifEqual(architecture.audit(), known).give(KILL);
        program.at(known).load(NUMBER);
        if (architecture == Architecture.X86_64) program.ifAnyBit(Architecture.X32, kill);
        program.ifGreater(SystemCall.CEILING, unknown);
        for (SystemCall call : SystemCall.refused()) on(call, refuse);
        // Its flags lie in memory, where no filter sees them; the C library takes `clone` instead.
        on(SystemCall.CLONE3, unknown);
        on(SystemCall.CLONE, clone);
        on(SystemCall.SOCKET, socket);
        on(SystemCall.SOCKETPAIR, pair);
        on(SystemCall.IOCTL, control);
        on(SystemCall.PERSONALITY, personality);
        program.give(ALLOW);
    }

    private void on(SystemCall call, Label label) {
        call.number(architecture).ifPresent(number -> program.ifEqual(number, label));
    }

    private void arguments(boolean unix) {
        program.at(clone).load(FIRST_ARGUMENT).ifAnyBit(NEW_NAMESPACES, refuse).give(ALLOW);

        program.at(socket).load(FIRST_ARGUMENT).ifEqual(AF_INET, allow).ifEqual(AF_INET6, allow);
        if (unix) program.ifEqual(AF_UNIX, allow);
        program.give(EPERM);

        // Pairs of datagram sockets can still send to a name.
        var unixPair = new Label();
        program.at(pair).load(FIRST_ARGUMENT).ifEqual(AF_UNIX, unixPair).give(EPERM);
        program.at(unixPair);
        if (!unix)
            program.load(SECOND_ARGUMENT)
                    .and(SOCK_TYPE)
                    .ifEqual(SOCK_STREAM, allow)
                    .ifEqual(SOCK_SEQPACKET, allow)
                    .give(EPERM);
        else program.give(ALLOW);

        program.at(control)
                .load(SECOND_ARGUMENT)
                .ifEqual(TIOCSTI, refuse)
                .ifEqual(TIOCLINUX, refuse)
                .ifEqual(TIOCSETD, refuse)
                .give(ALLOW);

        program.at(personality)
                .load(FIRST_ARGUMENT)
                .ifEqual(0, allow)
                .ifEqual(QUERY, allow)
                .give(EPERM);
    }

    private void verdicts() {
        program.at(allow).give(ALLOW);
        program.at(refuse).give(EPERM);
        program.at(unknown).give(ENOSYS);
        program.at(kill).give(KILL);
    }
}
