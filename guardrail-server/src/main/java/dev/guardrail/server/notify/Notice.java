package dev.guardrail.server.notify;

import dev.guardrail.base.JsonObject;
import dev.guardrail.call.Risk;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Pattern;

/// Something that people are told. It holds no secret and opens nothing: its link leads to a page that asks who one is.
///
/// @param id the same whenever the same thing is told again; receivers drop what they have seen. One to 128 of
///     `A` to `Z`, `a` to `z`, `0` to `9`, `-` and `_`: it becomes a header, and part of what is signed
/// @param at when it came about
/// @param subject id of the approval, call or channel that it is about
/// @param title one line
/// @param text several lines
/// @param data the same for machines, exact
/// @param link http or https address of the page where one looks at it, without a user
public record Notice(
        String id,
        Type type,
        Instant at,
        String subject,
        Risk risk,
        String title,
        String text,
        JsonObject data,
        Optional<String> link) {
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9_-]{1,128}");
    private static final Pattern ADDRESS = Pattern.compile("[!-~]{1,2048}");

    /// @throws IllegalArgumentException where the id has other characters, or the link is no such address
    public Notice {
        if (!ID.matcher(id).matches())
            throw new IllegalArgumentException("an id of a notice is 1 to 128 of A-Za-z0-9_-");
        if (link.isPresent() && !isAddress(link.get()))
            throw new IllegalArgumentException("a notice links to an http or https address without a user");
    }

    /// What it tells.
    public enum Type {
        REQUESTED("approval.requested", "Approval requested"),
        REMINDER("approval.reminder", "Approval still waits"),
        ESCALATED("approval.escalated", "Approval escalated"),
        ASKED("approval.asked", "Question about an approval"),
        ANSWERED("approval.answered", "Answer about an approval"),
        EDITED("approval.edited", "Call of an approval changed"),
        CLOSED("approval.closed", "Approval closed"),
        FLOODED("approval.flooded", "Too many approvals"),
        STOPPED("guard.stopped", "Stopped"),
        STOP_LIFTED("guard.stop_lifted", "Stop lifted"),
        CHANNEL_FAILED("channel.failed", "A channel fails");

        private final String word;
        private final String headline;

        Type(String word, String headline) {
            this.word = word;
            this.headline = headline;
        }

        public String word() {
            return word;
        }

        /// The type in words of ours, for people.
        String headline() {
            return headline;
        }
    }

    private static boolean isAddress(String link) {
        if (!ADDRESS.matcher(link).matches()) return false;
        try {
            var address = new URI(link);
            String scheme = String.valueOf(address.getScheme());
            return (scheme.equals("https") || scheme.equals("http"))
                    && address.getHost() != null
                    && address.getRawUserInfo() == null;
        } catch (URISyntaxException malformed) {
            return false;
        }
    }
}
