package dev.guardrail.sandbox;

import java.util.Arrays;
import java.util.Optional;

/// Something that a backend has *proven* of itself on this host, by trying it. What was not tried, or did not hold, is
/// not claimed.
public enum Property {
    /// No process outside is seen, and all of them end together.
    PIDNS("pidns"),
    /// No network but a loopback of their own.
    NETNS("netns"),
    /// System calls are filtered.
    SECCOMP("seccomp"),
    /// Nothing is seen of the host's files but what the profile names, and only what it says is written.
    FILES("files"),
    /// Neither inside nor outside is it root, and it cannot become so.
    UNPRIVILEGED("unprivileged"),
    /// The memory of all its processes together is bounded.
    TREE_MEMORY("treeMemory"),
    /// The number of all its processes together is bounded.
    TREE_PIDS("treePids");

    private final String text;

    Property(String text) {
        this.text = text;
    }

    /// The word in a profile's `require`.
    public String text() {
        return text;
    }

    public static Optional<Property> of(String text) {
        return Arrays.stream(values())
                .filter(property -> property.text.equals(text))
                .findFirst();
    }
}
