package dev.guardrail.server.cli;

import org.jspecify.annotations.Nullable;

/// How logs are written: for people where a terminal looks on, else one JSON object a line. `GUARDRAIL_LOG` may say
/// `json` or `text`.
final class Logging {
    private static final String PROPERTY = "logback.configurationFile";

    private Logging() {}

    /// To be called before the first logger is made.
    ///
    /// @param wish value of `GUARDRAIL_LOG`
    static void begin(@Nullable String wish) {
        if (System.getProperty(PROPERTY) != null) return;
        boolean people = wish == null ? isTerminal() : !wish.equals("json");
        System.setProperty(PROPERTY, people ? "logback.xml" : "logback-json.xml");
    }

    @SuppressWarnings("SystemConsoleNull") // since JDK 24 it is null again where there is no terminal
    private static boolean isTerminal() {
        var console = System.console();
        return console != null && console.isTerminal();
    }
}
