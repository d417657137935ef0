package dev.guardrail.approval;

import dev.guardrail.call.Caller;
import java.util.Collection;

/// The people who may vote, as configured now. Asked at every vote, so that somebody who was removed counts no longer;
/// safe for concurrent use.
@FunctionalInterface
public interface Electorate {

    /// Every operator, each name once; a vote counts with the roles and groups that stand here.
    Collection<Caller> operators();
}
