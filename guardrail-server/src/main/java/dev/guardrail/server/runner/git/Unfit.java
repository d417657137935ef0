package dev.guardrail.server.runner.git;

import java.io.IOException;

/// A repository, or something about it, that cannot be put back. The message is one lower-case clause.
final class Unfit extends IOException {
    private static final long serialVersionUID = 1L;

    Unfit(String why) {
        super(why);
    }
}
