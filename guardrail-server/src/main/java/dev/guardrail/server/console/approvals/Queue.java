package dev.guardrail.server.console.approvals;

import dev.guardrail.server.console.Bit;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The queue, or part of it, as a page and its events show it.
///
/// @param view what was asked for
/// @param fault what is wrong with what is searched; null for nothing
/// @param groups like calls, where they stand together; else one group without a name
/// @param more true where there are more than are shown
public record Queue(View view, @Nullable Fault fault, List<Group> groups, boolean more) {
    public Queue {
        groups = List.copyOf(groups);
    }

    /// @param caret what stands below the text to point at the fault
    public record Fault(String caret, String what) {}

    /// Calls that are alike ([Likeness]), or all.
    ///
    /// @param name what they are; empty for no group of its own
    /// @param together address where they are decided together; empty where the visitor does not
    public record Group(List<Bit> name, List<QueueItem> items, String together) {
        public Group {
            name = List.copyOf(name);
            items = List.copyOf(items);
        }
    }

    public Tab tab() {
        return view.tab();
    }

    public boolean isEmpty() {
        return groups.isEmpty();
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
