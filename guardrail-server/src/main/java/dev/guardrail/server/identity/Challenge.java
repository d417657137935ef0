package dev.guardrail.server.identity;

import dev.guardrail.server.door.ProtectedResource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// What somebody who may not pass is told to bring (RFC 6750, section 3; RFC 9728, section 5.1). Only words of ours
/// stand in it.
///
/// @param parameters by name, without quotes or controls
record Challenge(Map<String, String> parameters) {

    /// @param server whose door it is, if it is one
    /// @param scope what the route takes
    static Challenge of(Optional<ProtectedResource> resource, Optional<String> server, Optional<String> scope) {
        var parameters = new LinkedHashMap<String, String>();
        parameters.put("realm", "guardrail");
        if (resource.isPresent()) {
            parameters.put("resource_metadata", resource.get().metadataUrl(server.filter(Challenge::isPlain)));
            scope.ifPresent(name -> parameters.put("scope", name));
        }
        return new Challenge(parameters);
    }

    private static boolean isPlain(String server) {
        return dev.guardrail.call.ToolName.isServer(server);
    }

    /// @param why one lower-case clause; empty where there is nothing to say
    Challenge invalid(String why) {
        return isOurs() ? with("invalid_token", why) : this;
    }

    Challenge insufficient() {
        return isOurs() ? with("insufficient_scope", "") : this;
    }

    /// Without an authorization server nobody can bring another token.
    private boolean isOurs() {
        return parameters.containsKey("resource_metadata");
    }

    private Challenge with(String error, String why) {
        var more = new LinkedHashMap<>(parameters);
        more.put("error", error);
        if (!why.isEmpty()) more.put("error_description", why);
        return new Challenge(more);
    }

    Optional<String> why() {
        return Optional.ofNullable(parameters.get("error_description"));
    }

    String header() {
        var header = new StringBuilder("Bearer ");
        parameters.forEach((name, value) -> header.append(header.length() > 7 ? ", " : "")
                .append(name)
                .append("=\"")
                .append(value)
                .append('"'));
        return header.toString();
    }
}
