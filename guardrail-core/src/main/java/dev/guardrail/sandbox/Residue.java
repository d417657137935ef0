package dev.guardrail.sandbox;

import java.nio.file.Path;
import java.util.List;

/// What a command left in what it may write that others should not trip over.
///
/// @param complete false where not all of it could be looked at
public record Residue(List<Finding> findings, boolean complete) {
    public Residue {
        findings = List.copyOf(findings);
    }

    /// True where nothing is wrong with what is there.
    public boolean isClean() {
        return findings.isEmpty() && complete;
    }

    public record Finding(Path path, Kind kind) {}

    public enum Kind {
        /// A protected name, somewhere deeper.
        PROTECTED_NAME("has a protected name"),
        /// A protected name that is there, and was not.
        APPEARED("is protected, and was not there before"),
        /// A link that leads out.
        OUTWARD_LINK("is a link that leads out"),
        SET_ID("runs as its owner or group (set-id)"),
        /// Control characters or others that do not show.
        CONTROL_NAME("has a name with control characters"),
        /// A socket, a pipe or a device.
        SPECIAL("is no file, directory or link");

        private final String words;

        Kind(String words) {
            this.words = words;
        }

        /// A clause that follows the path.
        public String words() {
            return words;
        }
    }
}
