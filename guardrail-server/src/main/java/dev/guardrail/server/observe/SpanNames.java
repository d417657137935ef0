package dev.guardrail.server.observe;

import java.util.Optional;
import java.util.regex.Pattern;

/// Every name that stands in a span: those of OpenTelemetry's conventions for GenAI and MCP as of v1.41.1, which are
/// still in development and so pinned here alone, and ours. No value comes from arguments or results.
final class SpanNames {
    static final String METHOD = "mcp.method.name";
    static final String REVISION = "mcp.protocol.version";

    /// Our name of the client's connection; the id that opens it is a secret.
    static final String SESSION = "mcp.session.id";

    static final String TOOL = "gen_ai.tool.name";
    static final String PROMPT = "gen_ai.prompt.name";
    static final String OPERATION = "gen_ai.operation.name";
    static final String EXECUTE_TOOL = "execute_tool";
    static final String REQUEST = "jsonrpc.request.id";
    static final String STATUS = "rpc.response.status_code";
    static final String ERROR = "error.type";
    static final String TRANSPORT = "network.transport";
    static final String TCP = "tcp";
    static final String PIPE = "pipe";

    static final String SERVER = "guardrail.server";
    static final String CALL = "guardrail.call.id";
    static final String EFFECT = "guardrail.decision.effect";
    static final String CAUSE = "guardrail.decision.cause";
    static final String RULES = "guardrail.decision.rules";
    static final String POLICY = "guardrail.policy.version";
    static final String APPROVAL = "guardrail.approval.id";
    static final String WAIT = "guardrail.approval.wait_ms";

    /// What went wrong where no word for it is known.
    static final String OTHER = "_OTHER";

    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_./$:-]{1,128}");

    private SpanNames() {}

    /// A client's word where it can be a name, and nothing else.
    static Optional<String> plain(String word) {
        return PLAIN.matcher(word).matches() ? Optional.of(word) : Optional.empty();
    }

    static String method(String method) {
        return plain(method).orElse(OTHER);
    }

    /// @param target the tool or the prompt, where there is one
    static String name(String method, Optional<String> target) {
        return target.map(name -> method(method) + " " + name).orElse(method(method));
    }
}
