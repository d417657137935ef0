package dev.guardrail.server.console;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/// The page where one signs in.
///
/// @param next where it leads
/// @param error what was wrong; empty for nothing yet
/// @param provider host of the identity provider; empty where there is none
public record SignIn(String next, String error, String provider) {

    /// Where one goes to the provider from.
    public String way() {
        return "/console/sign-in/issuer?next=" + URLEncoder.encode(next, StandardCharsets.UTF_8);
    }
}
