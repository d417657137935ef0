package dev.guardrail.server.sheet;

/// Something about a text that whoever decides is warned of.
public enum Finding {
    HIDDEN("hidden characters"),
    SPACES("unusual spaces"),
    PADDING("long padding"),
    LOOKALIKE("look-alike letters"),
    STACKED("stacked or stray marks"),
    RIGHT_TO_LEFT("right-to-left letters");

    private final String text;

    Finding(String text) {
        this.text = text;
    }

    public String text() {
        return text;
    }
}
