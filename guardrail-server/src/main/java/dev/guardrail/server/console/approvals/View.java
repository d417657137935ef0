package dev.guardrail.server.console.approvals;

import dev.guardrail.approval.Ticket;
import dev.guardrail.server.console.Visit;
import dev.guardrail.server.console.approvals.Queue.Tab;
import io.micronaut.http.HttpParameters;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;

/// How somebody looks at the queue. The address says all of it.
///
/// @param tab which part
/// @param text what is searched, as it was written; empty for everything
/// @param sort what comes first
/// @param alike true where like calls stand together
public record View(Tab tab, String text, Sort sort, boolean alike) {

    /// Orders of the queue.
    public enum Sort {
        EXPIRY("expiry", "Ends first", Comparator.comparing(Ticket::expiresAt)),
        OLDEST("oldest", "Waits longest", Comparator.comparing(Ticket::openedAt)),
        NEWEST(
                "newest",
                "Asked last",
                Comparator.comparing(Ticket::openedAt).thenComparing(Ticket::id).reversed()),
        RISK("risk", "Riskiest", Comparator.comparing(Ticket::risk).reversed().thenComparing(Ticket::expiresAt));

        private final String word;
        private final String title;
        private final Comparator<Ticket> order;

        Sort(String word, String title, Comparator<Ticket> order) {
            this.word = word;
            this.title = title;
            this.order = order.thenComparing(Ticket::id);
        }

        public String word() {
            return word;
        }

        public String title() {
            return title;
        }

        Comparator<Ticket> order() {
            return order;
        }

        /// What waits ends first; what is over was asked last.
        static Sort usual(Tab tab) {
            return tab == Tab.DECIDED ? NEWEST : EXPIRY;
        }
    }

    /// A part of the queue as it usually is.
    static View of(Tab tab) {
        return new View(tab, "", Sort.usual(tab), false);
    }

    /// Approvers see first what is theirs; the others see all.
    static View of(HttpParameters query, Visit visit) {
        String tab = query.getFirst("tab").orElse("");
        return of(
                query,
                Arrays.stream(Tab.values())
                        .filter(each -> each.word().equals(tab))
                        .findFirst()
                        .orElse(visit.is("approver") ? Tab.MINE : Tab.ALL));
    }

    static View of(HttpParameters query, Tab tab) {
        String sort = query.getFirst("sort").orElse("");
        return new View(
                tab,
                query.getFirst("q").orElse("").strip(),
                Arrays.stream(Sort.values())
                        .filter(each -> each.word().equals(sort))
                        .findFirst()
                        .orElse(Sort.usual(tab)),
                query.getFirst("alike").orElse("").equals("yes"));
    }

    /// The part of an address behind `?`.
    public String query() {
        return "tab=" + tab.word()
                + (text.isEmpty() ? "" : "&q=" + URLEncoder.encode(text, StandardCharsets.UTF_8))
                + (sort == Sort.usual(tab) ? "" : "&sort=" + sort.word())
                + (alike ? "&alike=yes" : "");
    }

    public String url() {
        return "/console/approvals?" + query();
    }
}
