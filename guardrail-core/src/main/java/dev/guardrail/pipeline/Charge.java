package dev.guardrail.pipeline;

import dev.guardrail.approval.ApprovalDesk;
import dev.guardrail.approval.GrantBook;
import dev.guardrail.call.DecisionRequest;
import dev.guardrail.journal.Draft;
import dev.guardrail.journal.Entry;
import dev.guardrail.journal.StoreConflict;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;

/// What a permit takes from what people agreed to, an approval whole, of a standing grant one call and its amount, and
/// what it gives where they agreed to a plan. It is in the batch of the intent to run, or nothing runs.
record Charge(ApprovalDesk desk) {

    /// @param ids of tickets and standing grants that the decision used
    /// @return what is taken of standing grants
    /// @throws StoreConflict where one of them is not there to be used any more
    List<Entry.Debit> of(Draft draft, Collection<String> ids, DecisionRequest request) throws StoreConflict {
        var debits = new ArrayList<Entry.Debit>();
        for (String id : new TreeSet<>(ids)) {
            if (id.startsWith(GrantBook.PREFIX)) debits.add(desk.grants().debit(draft, id, request));
            else desk.consume(draft, id);
        }
        return debits;
    }

    /// Adds what a permitted plan gives: of each of its held calls a grant. It follows the decision's entry.
    ///
    /// @param ids of tickets and standing grants that the decision used
    void give(Draft draft, Collection<String> ids, Planned plan) {
        if (plan.held().isEmpty()) return;
        String ticket = ids.stream()
                .filter(id -> !id.startsWith(GrantBook.PREFIX))
                .findFirst()
                .orElseThrow();
        desk.grants().plan(draft, desk.find(ticket).orElseThrow(), plan.held());
    }
}
