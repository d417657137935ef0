package dev.guardrail.server.door.mcp;

import dev.guardrail.base.ProblemType;
import java.util.Locale;

/// Why a message is refused before any policy: the name that is counted and answered, its JSON-RPC code and HTTP
/// status. Codes below -32000 are JSON-RPC's own (section 5.1).
enum Fault {
    PARSE(-32700, 400),
    TOO_LARGE(-32600, 413),
    ENVELOPE(-32600, 400),
    DUPLICATE_ID(-32600, 400),
    UNDECLARED_METHOD(-32601, 200),
    PARAMS(-32602, 200),
    UNKNOWN_SERVER(-32600, 404),
    WRONG_CREDENTIAL(-32600, 403),
    CONTENT_TYPE(-32600, 415),
    NOT_ACCEPTABLE(-32600, 406),
    PROTOCOL_VERSION(-32600, 400),
    NO_SESSION(-32600, 400),
    UNKNOWN_SESSION(-32600, 404),
    FOREIGN_SESSION(-32600, 404),
    FOREIGN_EVENT(-32600, 400),
    STRAY_RESPONSE(0, 202),
    HEADER_MISMATCH(-32020, 400),
    REVISION(-32022, 400),
    FACTS(-32602, 400),
    STATE(-32602, 400),
    TASK(-32602, 200),
    NO_STREAM(-32600, 405),
    OVERLOADED(-32015, 429),
    INTERNAL(-32603, 500);

    private final int code;
    private final int status;

    Fault(int code, int status) {
        this.code = code;
        this.status = status;
    }

    int code() {
        return code;
    }

    int status() {
        return status;
    }

    /// The fault that its sender is told of: nobody learns which sessions there are.
    Fault told() {
        return this == FOREIGN_SESSION ? UNKNOWN_SESSION : this;
    }

    String slug() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /// The kind of problem that HTTP clients of this guard know it by.
    ProblemType type() {
        return switch (this) {
            case TOO_LARGE -> ProblemType.TOO_LARGE;
            case UNKNOWN_SERVER, UNKNOWN_SESSION, FOREIGN_SESSION -> ProblemType.NOT_FOUND;
            case WRONG_CREDENTIAL -> ProblemType.FORBIDDEN_ROUTE;
            case OVERLOADED -> ProblemType.OVERLOADED;
            case INTERNAL -> ProblemType.INTERNAL;
            case PARSE,
                    ENVELOPE,
                    DUPLICATE_ID,
                    UNDECLARED_METHOD,
                    PARAMS,
                    CONTENT_TYPE,
                    NOT_ACCEPTABLE,
                    PROTOCOL_VERSION,
                    NO_SESSION,
                    FOREIGN_EVENT,
                    HEADER_MISMATCH,
                    REVISION,
                    FACTS,
                    STATE,
                    TASK,
                    NO_STREAM,
                    STRAY_RESPONSE -> ProblemType.MALFORMED_CALL;
        };
    }
}
