package dev.guardrail.server.console;

/// Signs of the console, drawn for it: strokes in a square of 24. None stands without a word.
public enum Icon {
    SHIELD("M12 3l7.5 2.5V11c0 5-3 8.5-7.5 10C7.5 19.5 4.5 16 4.5 11V5.5z"),
    INBOX("M4 13h4l2 3h4l2-3h4M4 13l3-8h10l3 8v6H4z"),
    KEY("M9 4.5a4.5 4.5 0 1 0 3 7.8L19.5 19.8M16 16.3l2.5-2.5M9 9h.01"),
    STOP("M8.5 3h7L21 8.5v7L15.5 21h-7L3 15.5v-7zM9 9l6 6M15 9l-6 6"),
    YES("M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM8 12.5l3 3 5-6"),
    CLOCK("M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 7v5l3.5 2"),
    WARNING("M12 4L2.5 20h19zM12 10v5M12 17.5h.01"),
    FLAG("M6 21V4h11l-2.5 4L17 12H6"),
    AGENT("M5 9h14v10H5zM12 9V5M9 13.5h.01M15 13.5h.01M2.5 12.5v3M21.5 12.5v3"),
    PEOPLE("M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.5 20c0-3.5 3-5.5 6.5-5.5s6.5 2 6.5 5.5"
            + "M16 4.5a3.5 3.5 0 0 1 0 6.5M18.5 14.8c2 .8 3 2.6 3 5.2"),
    PENCIL("M4 20l1-4L16 5l3 3L8 19zM14 7l3 3"),
    OUTWARD("M7 17L17 7M9 7h8v8"),
    HAND_ON("M4 12h13M12 7l5 5-5 5M20.5 5v14"),
    SPEECH("M4 5h16v11h-8l-5 4v-4H4z"),
    EYE("M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12z"
            + "M12 9.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5z"),
    UNDO("M8 5L4 9l4 4M4 9h10a5 5 0 0 1 0 10h-3"),
    DROP("M12 3.5S5.5 11 5.5 15a6.5 6.5 0 0 0 13 0c0-4-6.5-11.5-6.5-11.5z"),
    LOCK("M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3"),
    LEAVE("M10 4H5v16h5M10 12h10M16 8l4 4-4 4"),
    DIGEST("M5 9h14M5 15h14M10 4L8 20M16 4l-2 16"),
    MINUS("M6 12h12"),
    LOG("M6 4h12v16H6zM9 8h6M9 12h6M9 16h3"),
    LIST("M5 6h.01M5 12h.01M5 18h.01M9 6h11M9 12h11M9 18h11"),
    FILE("M6 3h8l4 4v14H6zM14 3v4h4"),
    SEARCH("M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM16 16l4.5 4.5"),
    GAUGE("M4 18a8.5 8.5 0 1 1 16 0M12 14l4-4"),
    PULSE("M3 12h4l2.5-5 4 10 2.5-5h5"),
    SUN("M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3"
            + "l1.4 1.4M5.3 18.7l1.4-1.4M17.3 6.7l1.4-1.4"),
    MOON("M19.5 14.5A8 8 0 0 1 9.5 4.5a8 8 0 1 0 10 10z"),
    SCREEN("M3.5 5h17v11h-17zM9 20h6M12 16v4");

    private final String path;

    Icon(String path) {
        this.path = path;
    }

    /// Data of an SVG path.
    public String path() {
        return path;
    }
}
