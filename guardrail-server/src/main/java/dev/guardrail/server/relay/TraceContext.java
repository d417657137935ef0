package dev.guardrail.server.relay;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;

/// Where a request stands in a trace (W3C Trace Context, level 2, sections 3.2 and 3.3), as it stands in `params._meta`
/// of an MCP request, or in HTTP headers of the same names.
///
/// @param trace id of the trace: 32 lower-case hexadecimal digits, not all of them 0
/// @param span id of the span: 16 such digits
/// @param flags sampled (1) and random (2); no other is known
/// @param state `tracestate`; empty where there is none
public record TraceContext(String trace, String span, int flags, String state) {
    public static final String PARENT = "traceparent";
    public static final String STATE = "tracestate";

    /// Words of whoever called, for whoever is called: at this border they are dropped.
    public static final String BAGGAGE = "baggage";

    public static final int SAMPLED = 1;

    private static final int KNOWN_FLAGS = 3;
    private static final int LENGTH = 55;
    private static final int LONGEST_STATE = 512;
    private static final int MOST_MEMBERS = 32;
    private static final Pattern PARENT_FORM =
            Pattern.compile("([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?");
    private static final Pattern MEMBER_FORM =
            Pattern.compile("([a-z0-9][a-z0-9_\\-*/@]{0,255})=[ -+\\--<>-~]{0,255}[!-+\\--<>-~]");

    /// Reads both values; what is not to the letter is no context. A later version is read as far as this one goes.
    ///
    /// @param state dropped, by itself, where it is malformed
    public static Optional<TraceContext> parse(String parent, String state) {
        var match = PARENT_FORM.matcher(parent.length() > LONGEST_STATE ? "" : parent);
        if (!match.matches()) return Optional.empty();
        String version = match.group(1);
        if (version.equals("ff") || version.equals("00") && parent.length() != LENGTH) return Optional.empty();
        String trace = match.group(2);
        String span = match.group(3);
        if (isZero(trace) || isZero(span)) return Optional.empty();
        int flags = Integer.parseInt(match.group(4), 16) & KNOWN_FLAGS;
        return Optional.of(new TraceContext(trace, span, flags, isState(state) ? state : ""));
    }

    private static boolean isZero(String digits) {
        return digits.chars().allMatch(digit -> digit == '0');
    }

    private static boolean isState(String text) {
        if (text.length() > LONGEST_STATE) return false;
        String[] members = text.split(",", -1);
        if (members.length > MOST_MEMBERS) return false;
        var keys = new HashSet<String>();
        for (String member : members) {
            if (member.isBlank()) continue;
            var match = MEMBER_FORM.matcher(member.strip());
            if (!match.matches() || !keys.add(match.group(1))) return false;
        }
        return !keys.isEmpty();
    }

    /// What a request says in `params._meta`.
    public static Optional<TraceContext> of(JsonObject params) {
        return params.object("_meta")
                .flatMap(meta -> meta.text(PARENT)
                        .flatMap(parent -> parse(parent, meta.text(STATE).orElse(""))));
    }

    /// What a request says in its headers.
    ///
    /// @param headers all values of the header with a name, whatever its case
    public static Optional<TraceContext> of(Function<String, List<String>> headers) {
        List<String> parents = headers.apply(PARENT);
        return parents.size() == 1
                ? parse(parents.getFirst(), String.join(",", headers.apply(STATE)))
                : Optional.empty();
    }

    /// Params without a context, and without baggage.
    public static JsonObject none(JsonObject params) {
        return meta(
                params,
                withoutBaggage(params)
                        .object("_meta")
                        .map(meta -> meta.without(PARENT).without(STATE)));
    }

    public static JsonObject withoutBaggage(JsonObject params) {
        return meta(params, params.object("_meta").map(meta -> meta.without(BAGGAGE)));
    }

    private static JsonObject meta(JsonObject params, Optional<JsonObject> meta) {
        return meta.filter(changed -> !changed.equals(params.members().get("_meta")))
                .map(changed -> params.set("_meta", changed))
                .orElse(params);
    }

    /// Params that say this context and no other, and no baggage.
    public JsonObject in(JsonObject params) {
        var meta =
                withoutBaggage(params).object("_meta").orElse(JsonObject.EMPTY).set(PARENT, new JsonText(parent()));
        return params.set("_meta", state.isEmpty() ? meta.without(STATE) : meta.set(STATE, new JsonText(state)));
    }

    /// Headers that repeat what params say.
    public static Map<String, String> headers(JsonObject params) {
        var headers = new LinkedHashMap<String, String>();
        of(params).ifPresent(context -> {
            headers.put(PARENT, context.parent());
            if (!context.state().isEmpty()) headers.put(STATE, context.state());
        });
        return headers;
    }

    /// The value of `traceparent`.
    public String parent() {
        return "00-%s-%s-%02x".formatted(trace, span, flags);
    }

    public boolean isSampled() {
        return (flags & SAMPLED) != 0;
    }

    /// The same trace at another span.
    public TraceContext at(String other) {
        return new TraceContext(trace, other, flags, state);
    }
}
