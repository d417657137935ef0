package dev.guardrail.server.door;

import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import java.util.List;
import java.util.Optional;

/// This guard as an OAuth 2.0 protected resource (RFC 9728): who issues tokens for it, under which names, and what
/// their scopes open.
///
/// @param issuer the authorization server's identifier
/// @param audience name of the whole guard, as tokens carry it
/// @param base where clients reach the guard: scheme and authority, without a path
public record ProtectedResource(String issuer, String audience, String base) {
    /// Scope that opens `/mcp/{server}`.
    public static final String TOOLS = "mcp:tools";

    /// Scope that opens `/v1`.
    public static final String CALLS = "guardrail:calls";

    private static final String WELL_KNOWN = "/.well-known/oauth-protected-resource";
    private static final String MCP = "/mcp/";

    /// The guard, or nobody's where no authorization server is configured.
    public record Configured(Optional<ProtectedResource> resource) {}

    /// Name of the guard's door to one server, which a token may be for alone.
    public String name(String server) {
        return base + MCP + server;
    }

    /// Where the metadata of the guard, or of its door to one server, is read.
    public String metadataUrl(Optional<String> server) {
        return base + WELL_KNOWN + server.map(name -> MCP + name).orElse("");
    }

    /// What a client has to know to get a token (RFC 9728, section 2).
    public JsonObject metadata(Optional<String> server) {
        var scopes = server.isPresent() ? List.of(TOOLS) : List.of(TOOLS, CALLS);
        return JsonObject.with("resource", server.map(this::name).orElse(audience))
                .with("authorization_servers", JsonArray.ofTexts(List.of(issuer)))
                .with("scopes_supported", JsonArray.ofTexts(scopes))
                .with("bearer_methods_supported", JsonArray.ofTexts(List.of("header")))
                .with("resource_name", "Guardrail")
                .build();
    }
}
