package dev.guardrail.server.notify;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.Printable;
import dev.guardrail.call.Risk;
import dev.guardrail.stop.Stop;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells people of every stop and its lifting, through all channels.
///
/// @param reasons the operator's words
public record StopHerald(Channels channels, Function<Stop, Optional<String>> reasons) implements Consumer<Stop> {
    private static final Logger LOG = LoggerFactory.getLogger(StopHerald.class);

    /// Where nothing can be told, the stop stays as it is.
    @Override
    public void accept(Stop stop) {
        if (channels.names().isEmpty()) return;
        try {
            channels.send(channels.names(), notice(stop));
        } catch (RuntimeException fault) {
            LOG.error("people could not be told of a stop: {}", Printable.trace(fault));
        }
    }

    private Notice notice(Stop stop) {
        String what = stop.scope().text() + (stop.subject().isEmpty() ? "" : " " + stop.subject());
        var lifted = stop.lifted();
        return new Notice(
                stop.id() + (lifted.isEmpty() ? "-ordered" : "-lifted"),
                lifted.isEmpty() ? Notice.Type.STOPPED : Notice.Type.STOP_LIFTED,
                lifted.map(Stop.Lifting::at).orElse(stop.at()),
                stop.id(),
                lifted.isEmpty() ? Risk.CRITICAL : Risk.MEDIUM,
                (lifted.isEmpty() ? "Stopped: " : "Stop lifted: ") + what,
                lifted.map(lifting -> lifting.by() + " has lifted the stop of " + stop.by() + ".\n")
                        .orElseGet(() -> ordered(stop)),
                data(stop),
                Optional.empty());
    }

    private String ordered(Stop stop) {
        return stop.by() + " has stopped it"
                + reasons.apply(stop).map(words -> ": " + Printable.text(words)).orElse("")
                + "\nCalls in its scope are denied until it is lifted.\n  guardrail resume " + stop.id() + "\n";
    }

    private static JsonObject data(Stop stop) {
        var json = JsonObject.with("id", stop.id()).with("scope", stop.scope().text());
        if (!stop.subject().isEmpty()) json.with("target", stop.subject());
        return json.with("by", stop.by())
                .with("at", stop.at().toString())
                .with("liftedBy", stop.lifted().map(Stop.Lifting::by))
                .build();
    }
}
