package dev.guardrail.server.wiring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.JsonObject;
import dev.guardrail.server.corpus.ShopUpstream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Conditions against tools that are listed later than the policies were read.
@Timeout(120)
class ConditionCheckSpec {
    private static final String RULES = """
            apiVersion: guardrail/v1
            kind: Policy
            metadata: {name: base, owner: platform}
            rules:
              - {id: allow-ls, match: {tools: [shop.ls]}, effect: allow}
              - {id: allow-small, match: {tools: [shop.pay]}, when: "args.amount < 500", effect: allow}
            """;

    @TempDir
    Path directory;

    private ShopUpstream shop;
    private Served guard;

    @BeforeEach
    void serve() throws Exception {
        shop = new ShopUpstream();
        shop.list(ShopUpstream.tool("ls"));
        Files.createDirectories(directory.resolve("policies"));
        Served.write(directory.resolve("policies/rules.yaml"), RULES);
        Served.write(directory.resolve("guardrail.yaml"), """
                listen: 127.0.0.1:0
                data: ./data
                policies: [./policies]
                servers:
                  shop: {url: "%s"}
                agents:
                  - {name: coder, key: {env: CODER}}
                operators:
                  - {name: root, key: {env: ROOT}, roles: [admin]}
                """.formatted(shop.url()));
        guard = Served.in(directory);
    }

    @AfterEach
    void stop() throws IOException {
        guard.close();
        shop.close();
    }

    private void list(String type) {
        var amount = JsonObject.with("amount", JsonObject.with("type", type).build());
        shop.list(
                ShopUpstream.tool("ls"),
                ShopUpstream.tool("pay")
                        .set(
                                "inputSchema",
                                JsonObject.with("type", "object")
                                        .with("properties", amount.build())
                                        .build()));
        assertEquals(
                Optional.empty(),
                guard.sidecar.assembly().servers().upstreams().refresh("shop", Duration.ofSeconds(20)));
    }

    private void awaitErrors(int errors) {
        while (!metrics().contains("guardrail_policy_findings{severity=\"error\"} " + errors + ".0"))
            Thread.onSpinWait();
    }

    private String metrics() {
        return guard.get(Served.ROOT, "/metrics").text();
    }

    private String effect(String amount) {
        return guard.propose(Served.CODER, "shop.pay", "{\"amount\":" + amount + "}")
                .text("effect");
    }

    @Test
    void a_condition_that_does_not_fit_a_later_listing_is_told_of_and_permits_nothing() throws Exception {
        awaitErrors(0);
        list("string");

        awaitErrors(1);

        assertEquals("deny", effect("\"400\""));
        assertEquals("allow", guard.propose(Served.CODER, "shop.ls", "{}").text("effect"), "the other rules stay");
    }

    @Test
    void a_condition_that_fits_is_no_finding() throws Exception {
        list("number");

        awaitErrors(0);
        assertEquals("allow", effect("400"));
        assertEquals("deny", effect("600"));
        assertTrue(metrics().contains("guardrail_policy_findings{severity=\"error\"} 0.0"));
    }
}
