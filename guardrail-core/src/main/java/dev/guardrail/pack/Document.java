package dev.guardrail.pack;

/// One document of a file: its keys, and where its findings go.
record Document(Kind kind, Yaml yaml, Findings findings) {

    /// What a document is about, as `kind:` says.
    enum Kind {
        POLICY("Policy", true),
        TOOLS("Tools", true),
        POLICY_TEST("PolicyTest", true),
        LIMITS("Limits", false),
        SANDBOX("Sandbox", true),
        INVARIANT("Invariant", false);

        private final String text;
        private final boolean built;

        Kind(String text, boolean built) {
            this.text = text;
            this.built = built;
        }

        String text() {
            return text;
        }

        /// False where this version knows the kind and does not carry it out.
        boolean built() {
            return built;
        }
    }
}
