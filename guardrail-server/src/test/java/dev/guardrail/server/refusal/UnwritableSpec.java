package dev.guardrail.server.refusal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.server.wiring.Served;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A journal that cannot be written turns no refusal into anything else.
class UnwritableSpec {
    private static final Pattern MISSED = Pattern.compile("guardrail_refusals_unjournaled_total ([0-9.]+)");

    @Test
    @Timeout(60)
    void without_a_journal_everything_is_refused_all_the_same_and_counted(@TempDir Path directory) throws Exception {
        try (var house = House.in(directory)) {
            var agent = house.agent();
            house.passed(house.modern(agent, "1", "ls", "{}"));
            assertEquals(0, missed(house));
            int before = house.reached().size();
            house.served.sidecar.assembly().journal().store().close();

            assertEquals(400, house.post("old", agent).body("{").send().status());
            var mismatch =
                    house.modern(agent, "1", "rm", "{}").with("Mcp-Name", "ls").send();
            assertEquals(-32020, mismatch.error().orElseThrow().integer("code").orElseThrow());
            assertEquals(
                    403,
                    house.modern(agent, "1", "ls", "{}")
                            .with("Origin", "https://evil.example")
                            .send()
                            .status());
            assertEquals(
                    403, house.request("GET", "/v1/approvals", agent).send().status());
            assertTrue(missed(house) >= 4, "each is counted");
            var call = house.modern(agent, "2", "ls", "{}").send();
            assertTrue(
                    call.body().contains("guard_error") || call.error().isPresent(),
                    () -> "and what would pass does not: " + call);
            assertEquals(before, house.reached().size());
        }
    }

    private static double missed(House house) {
        var metrics = MISSED.matcher(house.served.get(Served.SAM, "/metrics").text());
        assertTrue(metrics.find(), "it is among the metrics");
        return Double.parseDouble(metrics.group(1));
    }
}
