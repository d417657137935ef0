package dev.guardrail.server.console.approvals;

import io.micronaut.http.HttpRequest;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// What the address of a request's page asks for.
///
/// @param opened places that are shown whole
/// @param all true where every place is
/// @param reach how far an approval should reach, as its form asks; empty names for nothing
record Asked(Set<String> opened, boolean all, Wanted reach) {
    private static final int MOST = 200;

    /// A wider approval that is to be looked at.
    ///
    /// @param span how long; empty where none is asked for
    /// @param agent true for every session of the agent
    /// @param vary places of arguments that may be anything
    /// @param sum place of an argument that is added up; empty for none
    /// @param most what it may come to
    record Wanted(String span, boolean agent, String calls, List<String> vary, String sum, String most) {}

    static Asked of(HttpRequest<?> request) {
        var query = request.getParameters();
        var opened = new LinkedHashSet<String>();
        query.getAll("open").stream().limit(MOST).forEach(opened::add);
        var wanted = new Wanted(
                query.getFirst("for").orElse(""),
                query.getFirst("reach").orElse("").equals("agent"),
                query.getFirst("calls").orElse(""),
                query.getAll("vary").stream().limit(MOST).toList(),
                query.getFirst("sum").orElse(""),
                query.getFirst("most").orElse("").strip());
        return new Asked(opened, opened.contains("all"), wanted);
    }
}
