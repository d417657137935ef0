package dev.guardrail.server.console.approvals;

import dev.guardrail.approval.ApproversQueue;
import dev.guardrail.approval.Ticket;
import dev.guardrail.approval.VoteResult;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.MalformedJson;
import dev.guardrail.base.Sha256;
import dev.guardrail.base.StrictJson;
import dev.guardrail.pipeline.HeldCalls;
import dev.guardrail.pipeline.ScopedVotes;
import dev.guardrail.policy.RuleId;
import dev.guardrail.server.console.Form;
import dev.guardrail.server.console.Pages;
import dev.guardrail.server.console.Visit;
import io.micronaut.context.annotation.Requires;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Consumes;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Post;
import io.micronaut.http.annotation.Produces;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// What the forms of a request's page do. Each uses up the page's token, names the digest of the arguments that the
/// page
/// showed, and ends on a page: on the request as it stands then, or on the same form with what is wrong.
@Controller("/console/approvals/{id}")
@Consumes(MediaType.ALL)
@Produces(MediaType.ALL)
@ExecuteOn(TaskExecutors.BLOCKING)
@Requires(beans = Pages.class)
final class DecisionsDoor {
    private static final int LONGEST_WORDS = 4_000;
    private static final int LONGEST_ARGUMENTS = 4 << 20;

    private final Pages pages;
    private final ApprovalsPages shown;
    private final ApproversQueue queue;
    private final HeldCalls held;
    private final ScopedVotes scoped;
    private final DecisionTokens tokens;

    DecisionsDoor(
            Pages pages,
            ApprovalsPages shown,
            ApproversQueue queue,
            HeldCalls held,
            ScopedVotes scoped,
            DecisionTokens tokens) {
        this.pages = pages;
        this.shown = shown;
        this.queue = queue;
        this.held = held;
        this.scoped = scoped;
        this.tokens = tokens;
    }

    /// One try to decide.
    ///
    /// @param seen digest of the arguments that the page showed
    private record Try(
            HttpRequest<?> request, Visit visit, String id, Form form, Sha256 seen, boolean read, String reason) {}

    @FunctionalInterface
    private interface Work {
        HttpResponse<?> of(Try one);
    }

    private HttpResponse<?> tried(HttpRequest<byte[]> request, String id, Work work) {
        return pages.answered(request, () -> {
            var form = Form.of(request);
            Visit visit = Visit.of(request);
            String reason = form.text("reason", LONGEST_WORDS);
            var bound = tokens.use(visit, id, form.text("token").orElse(""));
            if (bound.isEmpty())
                return wrong(
                        request,
                        id,
                        409,
                        "This form was sent already, or is too old, and did nothing. Look again, and decide here.",
                        reason);
            if (!form.text("digest").equals(Optional.of(bound.get().digest())))
                return wrong(request, id, 409, "The form was changed on its way, and did nothing.", reason);
            Sha256 seen = Sha256.parse(bound.get().digest());
            try {
                return work.of(
                        new Try(request, visit, id, form, seen, bound.get().read(), reason));
            } catch (MalformedJson malformed) {
                return wrong(request, id, 422, sentence(String.valueOf(malformed.getMessage())), reason);
            }
        });
    }

    private HttpResponse<?> wrong(HttpRequest<?> request, String id, int status, String error, String reason) {
        return shown.again(request, id, status, new Details.Fault(error, reason));
    }

    @Post("/approve")
    HttpResponse<?> approve(HttpRequest<byte[]> request, String id) {
        return tried(request, id, one -> {
            if (!one.read())
                return wrong(
                        request,
                        id,
                        422,
                        "Some of the arguments are shown in part. Open all of them, then approve.",
                        one.reason());
            Optional<String> confirm = one.form().text("confirm");
            boolean wider = one.form().text("wider").equals(Optional.of("yes"));
            VoteResult result = wider
                    ? queue.approveWider(
                            one.visit().caller(),
                            id,
                            one.seen(),
                            scoped.approve(
                                    one.visit().caller(),
                                    id,
                                    one.seen(),
                                    one.reason(),
                                    confirm,
                                    Reaches.scope(one.form().text("scope").orElse(""))))
                    : queue.approve(one.visit().caller(), id, one.seen(), one.reason(), confirm);
            return told(one, result, "");
        });
    }

    @Post("/deny")
    HttpResponse<?> deny(HttpRequest<byte[]> request, String id) {
        return tried(
                request,
                id,
                one -> one.reason().isBlank()
                        ? wrong(request, id, 422, "Say why you deny it: the agent is told, and the log keeps it.", "")
                        : told(one, queue.deny(one.visit().caller(), id, one.reason()), ""));
    }

    @Post("/escalate")
    HttpResponse<?> escalate(HttpRequest<byte[]> request, String id) {
        return tried(
                request,
                id,
                one -> told(
                        one,
                        queue.escalate(one.visit().caller(), id, one.reason()),
                        "More people are asked now; who decides says who."));
    }

    @Post("/delegate")
    HttpResponse<?> delegate(HttpRequest<byte[]> request, String id) {
        return tried(request, id, one -> {
            String to = one.form().text("to", LONGEST_WORDS).strip();
            return to.isEmpty()
                    ? wrong(request, id, 422, "Name the operator who is to have your vote.", one.reason())
                    : told(one, queue.delegate(one.visit().caller(), id, to, one.reason()), "Your vote is theirs now.");
        });
    }

    @Post("/ask")
    HttpResponse<?> ask(HttpRequest<byte[]> request, String id) {
        return tried(request, id, one -> {
            String question = one.form().text("question", LONGEST_WORDS);
            return question.isBlank()
                    ? wrong(request, id, 422, "Write what you want to know.", one.reason())
                    : told(
                            one,
                            queue.ask(one.visit().caller(), id, question),
                            "The agent's side is asked; the answer comes here.");
        });
    }

    /// Other arguments for the same tool, which policy decides as it does any.
    @Post("/edit")
    HttpResponse<?> edit(HttpRequest<byte[]> request, String id) {
        return tried(request, id, one -> {
            String typed = one.form().text("arguments", LONGEST_ARGUMENTS);
            if (!(StrictJson.parse(typed.getBytes(StandardCharsets.UTF_8)) instanceof JsonObject arguments))
                throw new MalformedJson("arguments are one JSON object");
            return switch (held.revise(one.visit().caller(), id, one.seen(), arguments, one.reason())) {
                case HeldCalls.Revised.Done(Ticket ticket) ->
                    done(one, "Changed. The call waits with these arguments now, and every vote before is void.");
                case HeldCalls.Revised.Objected(VoteResult why) ->
                    told(one, queue.edit(one.visit().caller(), id, one.seen(), one.reason(), why), "");
                case HeldCalls.Revised.Refused(Set<RuleId> rules, String why) ->
                    wrong(request, id, 409, "Not changed: " + why + rules(rules), one.reason());
            };
        });
    }

    private static String rules(Set<RuleId> rules) {
        if (rules.isEmpty()) return ".";
        return " (" + rules.stream().map(RuleId::value).sorted().collect(Collectors.joining(", ")) + ").";
    }

    private HttpResponse<?> done(Try one, String word) {
        return pages.to(one.request(), "/console/approvals/" + one.id(), word);
    }

    private HttpResponse<?> told(Try one, VoteResult result, String changed) {
        var verdict = Verdict.of(result, changed);
        return verdict.counts() ? done(one, verdict.words()) : refused(one, verdict.status(), verdict.words());
    }

    private HttpResponse<?> refused(Try one, int status, String error) {
        return wrong(one.request(), one.id(), status, error, one.reason());
    }

    private static String sentence(String lower) {
        return lower.isEmpty()
                ? lower
                : lower.substring(0, 1).toUpperCase(java.util.Locale.ROOT) + lower.substring(1) + ".";
    }
}
