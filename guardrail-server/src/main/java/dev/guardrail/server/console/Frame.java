package dev.guardrail.server.console;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What stands around every page: who is here, where they may go, what waits and what is stopped.
///
/// @param title of the page, in words of ours or made legible
/// @param wing part of the console that the page belongs to; null for none
/// @param visit null where nobody is signed in
/// @param theme `light`, `dark`, or `auto` for what the browser prefers
/// @param nonce that lets the page's one script run
/// @param here address of the page, to come back to
/// @param count calls that wait for people, as far as they are counted
/// @param stopped true while everything is stopped
/// @param policy version of the policies in force
/// @param said what was just done, to be confirmed; empty for nothing
public record Frame(
        String title,
        @Nullable Wing wing,
        @Nullable Visit visit,
        String theme,
        String nonce,
        String here,
        String count,
        boolean stopped,
        String policy,
        Asset style,
        Asset script,
        Asset mark,
        String said) {

    /// Parts of the console that the visitor may enter.
    public List<Wing> wings() {
        return Optional.ofNullable(visit).map(Wing::of).orElse(List.of());
    }

    public boolean isIn(Wing other) {
        return wing == other;
    }

    public String csrf() {
        return visit == null ? "" : visit.csrf();
    }

    public boolean mayStop() {
        return visit != null && visit.isAny("approver", "admin");
    }

    /// Policy's version, shortened.
    public String shortPolicy() {
        return policy.substring(policy.indexOf(':') + 1, policy.indexOf(':') + 9);
    }
}
