package dev.guardrail.server.notify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.JsonObject;
import dev.guardrail.server.wiring.Served;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Stops, as people are told of them.
class StopHeraldSpec {
    @TempDir
    private Path directory;

    @Test
    void every_channel_is_told_of_a_stop_and_of_its_lifting() throws Exception {
        try (var told = new Told(directory, Told.RULES)) {
            var stop = told.served.post(
                    Served.ANN,
                    "/v1/stop",
                    "{\"scope\":\"agent\",\"id\":\"coder\",\"reason\":\"odd\\u202e payments\"}");
            String id = stop.text("id");

            for (Receiver channel : List.of(told.ops, told.side)) {
                var event = Told.event(channel, id + "-ordered");
                assertEquals("dev.guardrail.guard.stopped", event.text("type").orElseThrow());
                assertEquals(id, event.text("subject").orElseThrow());
                String text =
                        event.object("data").flatMap(data -> data.text("text")).orElseThrow();
                assertTrue(text.startsWith("ann has stopped it: odd‹U+202E› payments"), text);
                assertTrue(text.contains("guardrail resume " + id), text);
            }
            assertEquals(
                    200,
                    told.served
                            .send(Served.ROOT, "DELETE", "/v1/stop/" + id, "", Map.of())
                            .status());
            var lifted = Told.event(told.ops, id + "-lifted");
            assertEquals("dev.guardrail.guard.stop_lifted", lifted.text("type").orElseThrow());
            JsonObject details = lifted.object("data")
                    .flatMap(data -> data.object("details"))
                    .orElseThrow();
            assertEquals("coder", details.text("target").orElseThrow());
            assertEquals("root", details.text("liftedBy").orElseThrow());
            assertFalse(lifted.toString().contains("payments"));
        }
    }
}
