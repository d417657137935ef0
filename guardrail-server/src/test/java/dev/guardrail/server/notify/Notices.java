package dev.guardrail.server.notify;

import dev.guardrail.base.JsonObject;
import dev.guardrail.call.Risk;
import java.time.Instant;
import java.util.Optional;

/// Notices as tests tell them.
final class Notices {
    static final Instant AT = Instant.parse("2026-11-20T13:01:50Z");
    static final String LINK = "https://guardrail.example/approvals/apr_1?from=notice&of=high";

    private Notices() {}

    static Notice notice(String id) {
        return notice(id, Risk.HIGH, "Refund of 750.00 EUR", "tool stripe.refund\nagent coder");
    }

    static Notice notice(String id, Risk risk, String title, String text) {
        return new Notice(
                id,
                Notice.Type.REQUESTED,
                AT,
                "apr_1",
                risk,
                title,
                text,
                JsonObject.builder().with("amount", 75_000).build(),
                Optional.of(LINK));
    }

    static Notice with(Notice notice, JsonObject data) {
        return new Notice(
                notice.id(),
                notice.type(),
                notice.at(),
                notice.subject(),
                notice.risk(),
                notice.title(),
                notice.text(),
                data,
                notice.link());
    }
}
