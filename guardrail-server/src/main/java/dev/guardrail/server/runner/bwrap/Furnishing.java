package dev.guardrail.server.runner.bwrap;

import dev.guardrail.sandbox.Profile;
import dev.guardrail.sandbox.Residue;
import dev.guardrail.sandbox.Sandbox.Handle;
import dev.guardrail.sandbox.Sandbox.Refusal;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// What one sandbox is given before its command starts: a den, a user, covers, control groups, and the files that its
/// start reads.
record Furnishing(
        Dens dens,
        Programs programs,
        Architecture architecture,
        ControlGroups groups,
        Map<String, String> environment) {

    sealed interface Made {
        /// @param before what was found in what it writes
        record Furnished(Launch launch, Set<Residue.Finding> before) implements Made {
            public Furnished {
                before = Set.copyOf(before);
            }
        }

        record Refused(Refusal refusal) implements Made {}
    }

    /// Makes it all, the note of each thing before the thing itself. A refusal or a crash leaves the den, whose notes
    /// are enough to take away the rest.
    Made furnish(Handle handle, View view, Account.Choice choice, boolean memory) throws IOException {
        Profile profile = handle.profile();
        Den den = dens.create(handle.id());
        var measures = new ArrayList<Protection.Measure>();
        Set<Path> covered = dens.covers().of(handle.id());
        for (int i = 0; i < view.written().size(); i++) {
            Profile.Write write = profile.files().write().get(i);
            switch (Protection.plan(view.written().get(i), write, covered)) {
                case Protection.Planned.Refused(Refusal refusal) -> {
                    return new Made.Refused(refusal);
                }
                case Protection.Planned.Measures(List<Protection.Measure> taken) -> measures.addAll(taken);
            }
        }
        Set<Residue.Finding> before = Set.copyOf(ResidueScan.of(profile, view).findings());
        Account account = choice instanceof Account.Choice.Known(Account known)
                ? known
                : dens.users().claim(den.file("id"));
        dens.covers().lay(den, covers(measures));
        List<Path> own = groups.of(handle.id());
        den.write("groups", lines(own));
        groups.make(handle.id(), profile.limits());
        var launch = new Launch(programs, den, own, account, profile, memory);
        supply(launch, view, measures);
        return new Made.Furnished(launch, before);
    }

    /// What the start reads.
    private void supply(Launch launch, View view, List<Protection.Measure> measures) throws IOException {
        Profile profile = launch.profile();
        Den den = launch.den();
        den.write(
                "filter", SyscallFilter.assemble(architecture, profile.network().unix()), "rw-------");
        den.writeOpenly("passwd", Launch.passwd(launch.account()));
        den.writeOpenly("group", Launch.group(launch.account()));
        den.writeOpenly("empty", "");
        den.write("arguments", launch.arguments(view, measures, variables(profile)), "rw-------");
    }

    private static List<Path> covers(List<Protection.Measure> measures) {
        return measures.stream()
                .filter(Protection.Measure.Cover.class::isInstance)
                .map(Protection.Measure::path)
                .toList();
    }

    private static String lines(List<Path> paths) {
        return String.join("\n", paths.stream().map(Path::toString).toList());
    }

    private Map<String, String> variables(Profile profile) {
        var variables = new TreeMap<>(profile.environment().set());
        for (String name : profile.environment().pass()) {
            String value = environment.get(name);
            if (value != null && value.indexOf('\0') < 0) variables.put(name, value);
        }
        return variables;
    }
}
