package dev.guardrail.server.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Log lines as they are written, whatever stands in what is logged.
class LoggingSpec {
    private static final String HOSTILE = "a\r\n12:00:00.000 ERROR all is well\u001b[2J\u202E\u2028\uDB40\uDC41 b";

    private static String line(String configuration) throws Exception {
        var context = new LoggerContext();
        context.setMDCAdapter(new ch.qos.logback.classic.util.LogbackMDCAdapter());
        var configurator = new JoranConfigurator();
        configurator.setContext(context);
        configurator.doConfigure(LoggingSpec.class.getResource("/" + configuration));
        var root = context.getLogger("ROOT");
        var appender = (ConsoleAppender<ILoggingEvent>) root.getAppender("console");
        var event = new LoggingEvent(
                "x",
                context.getLogger("dev.guardrail.x"),
                Level.WARN,
                "says {}",
                new IllegalStateException(HOSTILE),
                new Object[] {HOSTILE});
        return new String(appender.getEncoder().encode(event), StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @ValueSource(strings = {"logback.xml", "logback-json.xml"})
    void nothing_logged_begins_a_line_of_its_own(String configuration) throws Exception {
        String line = line(configuration);

        assertTrue(line.contains("says a"), line);
        assertTrue(line.contains("IllegalStateException"), line);
        assertEquals(line.length() - 1, line.indexOf('\n'), line);
        assertTrue(line.indexOf('\r') < 0 && line.indexOf('\u001b') < 0, line);
    }

    @ParameterizedTest
    @ValueSource(strings = "logback.xml")
    void people_are_shown_nothing_that_moves_or_hides(String configuration) throws Exception {
        String line = line(configuration).stripTrailing();

        assertTrue(
                line.codePoints().noneMatch(point -> Character.getType(point) == Character.FORMAT || point == 0x2028),
                line);
    }
}
