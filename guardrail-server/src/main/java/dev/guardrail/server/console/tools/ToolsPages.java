package dev.guardrail.server.console.tools;

import dev.guardrail.base.MalformedJson;
import dev.guardrail.base.Sha256;
import dev.guardrail.call.ToolName;
import dev.guardrail.pipeline.Pins;
import dev.guardrail.server.console.Form;
import dev.guardrail.server.console.Pages;
import dev.guardrail.server.console.Visit;
import dev.guardrail.server.console.Wing;
import io.micronaut.context.annotation.Requires;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Consumes;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Post;
import io.micronaut.http.annotation.Produces;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;

/// `/console/tools`: how every tool stands, and accepting what a server changed.
@Controller("/console/tools")
@Consumes(MediaType.ALL)
@Produces(MediaType.ALL)
@ExecuteOn(TaskExecutors.BLOCKING)
@Requires(beans = Pages.class)
final class ToolsPages {
    private static final String PATH = "/console/tools";
    private static final Pages.Kind PAGE = new Pages.Kind("tools.jte", Wing.TOOLS, "Tools");

    private final Pages pages;
    private final Inventory inventory;
    private final Pins pins;

    ToolsPages(Pages pages, Inventory inventory, Pins pins) {
        this.pages = pages;
        this.inventory = inventory;
        this.pins = pins;
    }

    @Get
    HttpResponse<?> list(HttpRequest<?> request) {
        return pages.answered(request, () -> pages.page(request, PAGE, inventory.page(Visit.of(request))));
    }

    /// Accepts exactly the definition that the page showed.
    @Post("/{tool}/accept")
    HttpResponse<?> accept(HttpRequest<byte[]> request, String tool) {
        return pages.answered(request, () -> {
            String digest = Form.of(request)
                    .text("digest")
                    .orElseThrow(() -> new MalformedJson("the form names no definition; load the page again"));
            pins.accept(name(tool), digest(digest), Visit.of(request).name());
            return pages.to(request, PATH, "Accepted. The tool can be called as it is defined now.");
        });
    }

    private static ToolName name(String tool) {
        try {
            return ToolName.parse(tool);
        } catch (IllegalArgumentException malformed) {
            throw new MalformedJson("this is no name of a tool; load the page again");
        }
    }

    private static Sha256 digest(String text) {
        try {
            return Sha256.parse(text);
        } catch (IllegalArgumentException malformed) {
            throw new MalformedJson("this is no digest of a definition; load the page again");
        }
    }
}
