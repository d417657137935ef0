package dev.guardrail.server.console.approvals;

import java.util.List;

/// The queue, or part of it, as a page and its events show it.
///
/// @param tab which part
/// @param more true where there are more than are shown
public record Queue(Tab tab, List<QueueItem> items, boolean more) {
    public Queue {
        items = List.copyOf(items);
    }

    /// Parts of the queue.
    public enum Tab {
        MINE("me", "For me"),
        ALL("all", "All"),
        DECIDED("decided", "Decided");

        private final String word;
        private final String title;

        Tab(String word, String title) {
            this.word = word;
            this.title = title;
        }

        public String word() {
            return word;
        }

        public String title() {
            return title;
        }

        public String url() {
            return "/console/approvals?tab=" + word;
        }
    }
}
