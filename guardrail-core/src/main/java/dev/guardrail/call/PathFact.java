package dev.guardrail.call;

import dev.guardrail.base.Sha256;
import java.util.Optional;

/// What the file system said of one path before the decision: journaled, bound and replayed with the request.
///
/// @param real absolute path with `..`, links and (where the file system folds it) case resolved, as far as it exists
/// @param root real path of the server's root
/// @param content digest of the bytes where the path is an executable or a script that exists
public record PathFact(String real, String root, Optional<Sha256> content) {

    /// True where the real path is the root or lies below it, by component.
    public boolean inside() {
        return within(root);
    }

    /// True where the real path is `directory` or lies below it, by component; `.` is the server's root.
    public boolean within(String directory) {
        if (directory.equals(".")) return within(root);
        String base = directory.endsWith("/") ? directory.substring(0, directory.length() - 1) : directory;
        return real.equals(base) || real.startsWith(base + "/") || base.isEmpty();
    }
}
