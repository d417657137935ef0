package dev.guardrail.server.console;

import dev.guardrail.approval.ApproversQueue;
import dev.guardrail.approval.TicketState;
import dev.guardrail.base.GuardrailException;
import dev.guardrail.base.Printable;
import dev.guardrail.journal.WireRefusal;
import dev.guardrail.server.door.Policies;
import dev.guardrail.server.door.RefusalBook;
import dev.guardrail.server.problem.HttpRefusal;
import dev.guardrail.stop.KillSwitch;
import dev.guardrail.stop.Scope;
import gg.jte.ContentType;
import gg.jte.TemplateEngine;
import gg.jte.output.Utf8ByteOutput;
import io.micronaut.context.annotation.Requires;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MediaType;
import io.micronaut.http.MutableHttpResponse;
import jakarta.inject.Singleton;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Makes pages: a template of the build, filled, with the frame around it. Templates escape whatever they are given.
@Singleton
@Requires(beans = KeyRing.class)
public final class Pages {
    /// Calls that wait are counted so far.
    private static final int COUNTED = 100;

    static final MediaType HTML = new MediaType("text/html; charset=utf-8");
    private static final Logger LOG = LoggerFactory.getLogger(Pages.class);

    private final TemplateEngine templates = TemplateEngine.createPrecompiled(ContentType.Html);
    private final Assets assets;
    private final Visits visits;
    private final ApproversQueue queue;
    private final KillSwitch kill;
    private final Policies policies;
    private final RefusalBook refusals;

    public Pages(
            Assets assets,
            Visits visits,
            ApproversQueue queue,
            KillSwitch kill,
            Policies policies,
            RefusalBook refusals) {
        this.assets = assets;
        this.visits = visits;
        this.queue = queue;
        this.kill = kill;
        this.policies = policies;
        this.refusals = refusals;
    }

    /// Which page it is.
    ///
    /// @param template file below `src/main/jte`; it takes the parameters `frame` and `page`
    public record Kind(String template, @Nullable Wing wing, String title) {}

    /// Does a request's work. Whatever is thrown in it is a page that says what to do.
    @SuppressWarnings("CatchThrowable") // an Error on a request's thread would leave its client without an answer
    public HttpResponse<?> answered(HttpRequest<?> request, Supplier<? extends HttpResponse<?>> work) {
        try {
            return work.get();
        } catch (Form.Forged forged) {
            note(request, "forged-form");
            return problem(request, 403, String.valueOf(forged.getMessage()));
        } catch (GuardrailException told) {
            return problem(request, told.type().status(), String.valueOf(told.getMessage()));
        } catch (HttpRefusal refused) {
            return problem(request, refused.status(), String.valueOf(refused.getMessage()));
        } catch (Throwable thrown) {
            LOG.error("a page failed: {}", Printable.trace(thrown));
            return problem(request, 500, "the guard failed; look at what became of it before you repeat it");
        }
    }

    /// Keeps that a visitor's browser was made to send what no page of ours sends.
    void note(HttpRequest<?> request, String fault) {
        Visit.find(request)
                .ifPresent(visit -> refusals.note(new WireRefusal(
                        "console",
                        fault,
                        WireRefusal.Sender.of(visit.caller()),
                        Optional.empty(),
                        Route.of(request),
                        Optional.empty())));
    }

    public MutableHttpResponse<byte[]> page(HttpRequest<?> request, Kind kind, Object page) {
        return page(request, 200, kind, page);
    }

    /// @param page what the template shows, of the type that it names
    public MutableHttpResponse<byte[]> page(HttpRequest<?> request, int status, Kind kind, Object page) {
        return html(status, render(kind.template(), Map.of("frame", frame(request, kind), "page", page)));
    }

    /// Part of a page, for an event.
    public byte[] part(String template, Map<String, Object> parameters) {
        return render(template, new LinkedHashMap<>(parameters));
    }

    /// A page that says what is wrong, and what to do.
    ///
    /// @param what one lower-case sentence
    public MutableHttpResponse<byte[]> problem(HttpRequest<?> request, int status, String what) {
        return page(request, status, new Kind("problem.jte", null, reason(status)), what);
    }

    private byte[] render(String template, Map<String, Object> parameters) {
        var output = new Utf8ByteOutput();
        templates.render(template, parameters, output);
        return output.toByteArray();
    }

    static MutableHttpResponse<byte[]> html(int status, byte[] body) {
        return HttpResponse.<byte[]>status(status, reason(status))
                .contentType(HTML)
                .body(body);
    }

    private static String reason(int status) {
        try {
            return HttpStatus.valueOf(status).getReason();
        } catch (IllegalArgumentException unknown) {
            return "Error";
        }
    }

    /// Where a form leads once it has done its work (RFC 9110, section 15.4.4), so that nobody sends it twice.
    public static MutableHttpResponse<?> to(String path) {
        return HttpResponse.seeOther(URI.create(path));
    }

    /// The same, and the page there confirms what was done.
    ///
    /// @param word one sentence of ours
    public MutableHttpResponse<?> to(HttpRequest<?> request, String path, String word) {
        visits.say(Visit.of(request), word);
        return to(path);
    }

    private Frame frame(HttpRequest<?> request, Kind kind) {
        Visit visit = Visit.find(request).orElse(null);
        return new Frame(
                kind.title(),
                kind.wing(),
                visit,
                Theme.of(request),
                Armour.nonce(request),
                request.getUri().toString(),
                visit == null ? "" : count(),
                visit != null && kill.inForce().stream().anyMatch(stop -> stop.scope() == Scope.ALL),
                policies.inForce().policies().version().toString(),
                assets.style(),
                assets.script(),
                assets.mark(),
                visit == null ? "" : visits.said(visit));
    }

    /// Calls that wait for people, as the navigation shows their number.
    String count() {
        int waiting = queue.list(Optional.of(TicketState.PENDING), "", COUNTED).size();
        return waiting >= COUNTED ? (COUNTED - 1) + "+" : String.valueOf(waiting);
    }
}
