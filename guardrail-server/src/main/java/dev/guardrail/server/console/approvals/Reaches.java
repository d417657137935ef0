package dev.guardrail.server.console.approvals;

import dev.guardrail.approval.ApproversQueue;
import dev.guardrail.approval.Scope;
import dev.guardrail.approval.Ticket;
import dev.guardrail.base.Json;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonNumber;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.MalformedJson;
import dev.guardrail.base.StrictJson;
import dev.guardrail.call.CallId;
import dev.guardrail.pack.Durations;
import dev.guardrail.pipeline.ScopedVotes;
import dev.guardrail.server.console.Bit;
import dev.guardrail.server.console.KeyRing;
import dev.guardrail.server.console.control.Scopes;
import dev.guardrail.server.sheet.GrantJson;
import dev.guardrail.server.sheet.Legible;
import io.micronaut.context.annotation.Requires;
import jakarta.inject.Singleton;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// How far an approval could reach beyond its one call, and what that would have meant.
@Singleton
@Requires(beans = KeyRing.class)
final class Reaches {
    private static final List<Duration> USUAL = List.of(
            Duration.ofMinutes(15),
            Duration.ofHours(1),
            Duration.ofHours(4),
            Duration.ofHours(8),
            Duration.ofHours(24),
            Duration.ofDays(7));

    private final ApproversQueue queue;
    private final ScopedVotes votes;

    Reaches(ApproversQueue queue, ScopedVotes votes) {
        this.queue = queue;
        this.votes = votes;
    }

    /// @return null where no rule lets the call be remembered
    Detail.@Nullable Reach of(Ticket ticket, Optional<Json> arguments, Asked.Wanted wanted) {
        Optional<Duration> longest = queue.desk().longestMemory(ticket);
        if (longest.isEmpty() || arguments.isEmpty()) return null;
        var spans = Stream.concat(USUAL.stream(), longest.stream())
                .filter(span -> span.compareTo(longest.get()) <= 0)
                .distinct()
                .sorted()
                .map(Durations::text)
                .toList();
        List<String> names = arguments.get() instanceof JsonObject object
                ? object.members().keySet().stream().toList()
                : List.of();
        String max = Durations.text(longest.get());
        var shown = names.stream().map(name -> Bit.of(Legible.line(name))).toList();
        List<Integer> sums = IntStream.range(0, names.size())
                .filter(place -> isNumber(arguments.get(), names.get(place)))
                .boxed()
                .toList();
        var reach = new Detail.Reach(max, spans, shown, sums, "", "", "", List.of(), "");
        return wanted.span().isEmpty() ? reach : previewed(ticket, wanted, names, reach);
    }

    private static boolean isNumber(Json arguments, String name) {
        return arguments instanceof JsonObject object
                && object.get(name).filter(JsonNumber.class::isInstance).isPresent();
    }

    private Detail.Reach previewed(Ticket ticket, Asked.Wanted wanted, List<String> names, Detail.Reach reach) {
        try {
            Scope scope = Scope.parse(json(wanted, names));
            return switch (votes.preview(ticket.id(), scope)
                    .or(() -> queue.scopeObjection(ticket.id()).map(ScopedVotes.Previewed.Refused::new))
                    .orElseGet(() -> new ScopedVotes.Previewed.Refused("there is no such approval any more"))) {
                case ScopedVotes.Previewed.Refused(String why) -> with(reach, "", "", "", List.of(), why);
                case ScopedVotes.Previewed.Shown(var preview) ->
                    with(
                            reach,
                            scope.json().toString(),
                            Scopes.words(scope),
                            GrantJson.preview(preview, scope.json(), ticket.agent())
                                    .text("sentence")
                                    .orElse(""),
                            preview.denied().stream().map(CallId::value).toList(),
                            "");
            };
        } catch (MalformedJson refused) {
            return with(reach, "", "", "", List.of(), String.valueOf(refused.getMessage()));
        }
    }

    private static Detail.Reach with(
            Detail.Reach reach, String scope, String words, String effect, List<String> denied, String objection) {
        return new Detail.Reach(
                reach.max(), reach.spans(), reach.names(), reach.sums(), scope, words, effect, denied, objection);
    }

    private static JsonObject json(Asked.Wanted wanted, List<String> names) {
        var json = JsonObject.builder()
                .with(wanted.agent() ? "agent" : "session", true)
                .with("for", wanted.span());
        if (wanted.calls().matches("[0-9]{1,6}"))
            json.with("calls", new JsonNumber(Integer.valueOf(wanted.calls()).toString()));
        else if (!wanted.calls().isEmpty()) throw new MalformedJson("the number of calls is a whole number");
        if (!wanted.vary().isEmpty())
            json.with(
                    "vary",
                    JsonArray.ofTexts(wanted.vary().stream()
                            .map(place -> name(names, place))
                            .toList()));
        if (!wanted.sum().isEmpty())
            json.with(
                    "sum",
                    JsonObject.with("argument", name(names, wanted.sum()))
                            .with("max", amount(wanted.most()))
                            .build());
        return json.build();
    }

    private static JsonNumber amount(String typed) {
        if (!typed.matches("[0-9]{1,12}(\\.[0-9]{1,3})?"))
            throw new MalformedJson("what the sum may come to is a number, with a point and not with commas");
        return new JsonNumber(new BigDecimal(typed).stripTrailingZeros().toPlainString());
    }

    /// Arguments are named by their place: what agents call them stands on the page as text alone.
    private static String name(List<String> names, String place) {
        int at = place.matches("[0-9]{1,4}") ? Integer.parseInt(place) : names.size();
        if (at >= names.size()) throw new MalformedJson("there is no such argument");
        return names.get(at);
    }

    /// A scope that a form carries.
    ///
    /// @throws MalformedJson where it is none
    static Scope scope(String text) {
        if (StrictJson.parse(text.getBytes(StandardCharsets.UTF_8)) instanceof JsonObject object)
            return Scope.parse(object);
        throw new MalformedJson("the scope is no object");
    }
}
