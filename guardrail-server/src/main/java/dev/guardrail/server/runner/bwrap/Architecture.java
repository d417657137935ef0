package dev.guardrail.server.runner.bwrap;

import java.util.Optional;

/// A machine's interface of system calls, with its number in the kernel's audit (`AUDIT_ARCH_*`).
enum Architecture {
    X86_64(0xC000_003E),
    AARCH64(0xC000_00B7);

    /// Set in numbers of calls by the x32 interface, which shares x86_64's number in the audit.
    static final int X32 = 0x4000_0000;

    private final int audit;

    Architecture(int audit) {
        this.audit = audit;
    }

    int audit() {
        return audit;
    }

    /// @param name as the system property `os.arch` has it
    /// @return empty where there is no table of calls for it
    static Optional<Architecture> of(String name) {
        return switch (name) {
            case "amd64", "x86_64" -> Optional.of(X86_64);
            case "aarch64", "arm64" -> Optional.of(AARCH64);
            default -> Optional.empty();
        };
    }
}
