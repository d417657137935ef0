package dev.guardrail.sandbox;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Holds commands to a [Profile]. Implementations are named for what they confine with, and safe for concurrent use.
public interface Sandbox {

    /// What it has proven on this host by trying, once.
    Probe probe() throws InterruptedException;

    /// Why it would not run a command under a profile, as far as that can be told without making anything.
    ///
    /// @param workspace as for [#prepare]
    /// @return empty where nothing stands against it now
    Optional<Refusal> objection(Profile profile, Path workspace) throws IOException, InterruptedException;

    /// Makes ready for one command. What is there by then is found by the handle's id after a crash.
    ///
    /// @param workspace directory that [Profile#WORKSPACE] stands for; absolute
    /// @throws IOException where something that has to be written cannot be
    Prepared prepare(Profile profile, Path workspace) throws IOException, InterruptedException;

    /// Runs a command to its end, and leaves none of its processes.
    ///
    /// @param command program and arguments; no shell reads them
    /// @throws IOException where it did not start, or nobody knows how it ended
    Outcome spawn(Handle handle, List<String> command, Streams streams) throws IOException, InterruptedException;

    /// Ends what runs under the handle; it may have ended already.
    void kill(Handle handle);

    /// Looks at what a command left, when it is over.
    Residue residue(Handle handle) throws IOException;

    /// Takes away what belongs to a handle, by its id alone, whether or not there is anything left. A crash in the
    /// middle leaves some of it, and doing it again takes away the rest.
    void cleanup(String id) throws IOException;

    /// What a backend can be relied on for.
    sealed interface Probe {
        record Proven(Set<Property> properties) implements Probe {
            public Proven {
                properties = Set.copyOf(properties);
            }
        }

        /// It confines nothing here.
        record Unusable(Refusal refusal) implements Probe {}
    }

    /// What preparing came to.
    sealed interface Prepared {
        record Ready(Handle handle) implements Prepared {}

        record Refused(Refusal refusal) implements Prepared {}
    }

    /// Why nothing is run.
    ///
    /// @param why one lower-case clause
    /// @param mend what somebody can do about it, one lower-case clause
    record Refusal(String why, String mend) {
        public String sentence() {
            return why + "; " + mend;
        }
    }

    /// One place for one command.
    ///
    /// @param id that nothing else has, of letters and digits
    record Handle(String id, Profile profile, Path workspace) {}
}
