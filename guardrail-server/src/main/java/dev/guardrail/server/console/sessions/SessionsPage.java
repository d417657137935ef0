package dev.guardrail.server.console.sessions;

import dev.guardrail.server.console.Badge;
import dev.guardrail.server.console.Bit;
import java.util.List;

/// Sessions, those opened last first.
///
/// @param tab word of the part that is shown
/// @param more true where there are more than are shown
public record SessionsPage(String tab, List<Item> items, boolean more) {
    public static final List<String> TABS = List.of("open", "paused", "ended", "all");

    public SessionsPage {
        items = List.copyOf(items);
    }

    /// @param calls decisions in it, `50+` for many
    public record Item(
            String id,
            Badge state,
            List<Bit> agent,
            List<Bit> user,
            List<Bit> opener,
            List<String> taints,
            String calls,
            String denied,
            String at) {
        public String url() {
            return "/console/sessions/" + id;
        }
    }
}
