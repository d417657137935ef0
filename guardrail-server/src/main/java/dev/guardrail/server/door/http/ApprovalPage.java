package dev.guardrail.server.door.http;

import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Produces;

/// Where a client's user is sent who is asked to look at an approval (MCP, elicitation in URL mode). Whoever comes here
/// has shown no credential: the page repeats the id that they came with, says where approvers decide, and nothing else.
@Controller("/approvals/{id}")
@Produces(MediaType.TEXT_HTML)
final class ApprovalPage {
    private static final String PAGE = """
            <!doctype html>
            <html lang="en">
            <head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Approval</title></head>
            <body>
            <h1>Approval %1$s</h1>
            <p>If a call of this name waits, an approver looks at it first, with their own credential:</p>
            <p><a href="/console/approvals/%1$s">Sign in and decide</a>, or, on a terminal:</p>
            <pre>./guardrail approvals show %1$s</pre>
            <p>This page knows nothing of it and decides nothing.</p>
            </body>
            </html>
            """;

    @Get
    HttpResponse<?> page(String id) {
        if (!id.matches("apr_[0-9A-Za-z]{1,64}")) return HttpResponse.notFound();
        return HttpResponse.ok(PAGE.formatted(id))
                .header("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
                .header("Referrer-Policy", "no-referrer")
                .header("Cache-Control", "no-store");
    }
}
