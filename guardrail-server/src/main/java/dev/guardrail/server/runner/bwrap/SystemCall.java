package dev.guardrail.server.runner.bwrap;

import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;

/// A system call that the filter does not simply let pass, with its number for each [Architecture] (the kernel's
/// `asm/unistd_64.h` and `asm-generic/unistd.h`).
enum SystemCall {
    // Namespaces and mounts: another view of the machine.
    UNSHARE(272, 97),
    SETNS(308, 268),
    MOUNT(165, 40),
    UMOUNT2(166, 39),
    PIVOT_ROOT(155, 41),
    CHROOT(161, 51),
    MOVE_MOUNT(429, 429),
    OPEN_TREE(428, 428),
    FSOPEN(430, 430),
    FSCONFIG(431, 431),
    FSMOUNT(432, 432),
    FSPICK(433, 433),
    MOUNT_SETATTR(442, 442),
    // Calls by another way, which no filter sees.
    IO_URING_SETUP(425, 425),
    IO_URING_ENTER(426, 426),
    IO_URING_REGISTER(427, 427),
    // Other processes.
    PTRACE(101, 117),
    PROCESS_VM_READV(310, 270),
    PROCESS_VM_WRITEV(311, 271),
    PROCESS_MADVISE(440, 440),
    KCMP(312, 272),
    PIDFD_GETFD(438, 438),
    // Large parts of the kernel that commands have no use for.
    BPF(321, 280),
    KEYCTL(250, 219),
    ADD_KEY(248, 217),
    REQUEST_KEY(249, 218),
    PERF_EVENT_OPEN(298, 241),
    USERFAULTFD(323, 282),
    FANOTIFY_INIT(300, 262),
    FANOTIFY_MARK(301, 263),
    MEMFD_SECRET(447, 447),
    MOVE_PAGES(279, 239),
    MIGRATE_PAGES(256, 238),
    VMSPLICE(278, 75),
    NAME_TO_HANDLE_AT(303, 264),
    OPEN_BY_HANDLE_AT(304, 265),
    LOOKUP_DCOOKIE(212, 18),
    NFSSERVCTL(180, 42),
    // The machine itself.
    KEXEC_LOAD(246, 104),
    KEXEC_FILE_LOAD(320, 294),
    INIT_MODULE(175, 105),
    FINIT_MODULE(313, 273),
    DELETE_MODULE(176, 106),
    SWAPON(167, 224),
    SWAPOFF(168, 225),
    REBOOT(169, 142),
    QUOTACTL(179, 60),
    QUOTACTL_FD(443, 443),
    ACCT(163, 89),
    SYSLOG(103, 116),
    SETTIMEOFDAY(164, 170),
    CLOCK_SETTIME(227, 112),
    ADJTIMEX(159, 171),
    CLOCK_ADJTIME(305, 266),
    SETHOSTNAME(170, 161),
    SETDOMAINNAME(171, 162),
    VHANGUP(153, 58),
    // What only x86_64 has.
    IOPL(172),
    IOPERM(173),
    MODIFY_LDT(154),
    CREATE_MODULE(174),
    QUERY_MODULE(178),
    GET_KERNEL_SYMS(177),
    USELIB(134),
    USTAT(136),
    SYSFS(139),
    SYSCTL(156),
    AFS_SYSCALL(183),
    TUXCALL(184),
    SECURITY(185),
    GETPMSG(181),
    PUTPMSG(182),
    VSERVER(236),
    // Judged by their arguments.
    CLONE(56, 220),
    CLONE3(435, 435),
    SOCKET(41, 198),
    SOCKETPAIR(53, 199),
    IOCTL(16, 29),
    PERSONALITY(135, 92);

    /// The highest number of both tables: what is above is newer than them.
    static final int CEILING = 450;

    private static final List<SystemCall> JUDGED = List.of(CLONE, CLONE3, SOCKET, SOCKETPAIR, IOCTL, PERSONALITY);

    private final int x86;
    private final int arm;

    SystemCall(int x86, int arm) {
        this.x86 = x86;
        this.arm = arm;
    }

    SystemCall(int x86) {
        this(x86, -1);
    }

    /// Empty where the architecture has no such call.
    OptionalInt number(Architecture architecture) {
        int number = switch (architecture) {
            case X86_64 -> x86;
            case AARCH64 -> arm;
        };
        return number < 0 ? OptionalInt.empty() : OptionalInt.of(number);
    }

    /// Those that are refused whatever their arguments.
    static List<SystemCall> refused() {
        return Arrays.stream(values()).filter(call -> !JUDGED.contains(call)).toList();
    }
}
