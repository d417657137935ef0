package dev.guardrail.server.cli;

import dev.guardrail.sandbox.Change;
import dev.guardrail.sandbox.Change.Entry;
import dev.guardrail.sandbox.Commit;
import dev.guardrail.sandbox.Impact;
import dev.guardrail.sandbox.Outcome;
import dev.guardrail.sandbox.Residue;
import dev.guardrail.sandbox.Sandbox.Handle;
import dev.guardrail.server.runner.bwrap.Previews;
import java.io.Console;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A command that has run on a copy of the workspace: what it did is told, and somebody says what becomes of it.
record PreviewRun(Previews previews, Handle handle, Wish wish) {
    static final int UNDECIDED = 120;
    static final int CONFLICT = 121;
    static final int UNFIT = 122;

    /// Most places that are told one by one.
    private static final int TOLD = 200;

    /// What becomes of it.
    enum Wish {
        COMMIT,
        DISCARD,
        ASK
    }

    static Optional<Console> terminal() {
        @Nullable Console console = System.console();
        return Optional.ofNullable(console).filter(Console::isTerminal);
    }

    /// @param code what `run` says without a preview
    /// @return what it says with one
    int settle(Outcome outcome, Residue residue, int code) throws IOException {
        Impact impact = previews.impact(handle);
        tell(impact);
        return switch (outcome) {
            case Outcome.TimedOut timedOut -> discarded(code);
            case Outcome.OverLimit overLimit -> discarded(code);
            case Outcome.Succeeded succeeded -> decide(impact, residue, code);
            case Outcome.Failed failed -> decide(impact, residue, code);
        };
    }

    private int decide(Impact impact, Residue residue, int code) throws IOException {
        return switch (wish) {
            case COMMIT -> commit(impact, residue, code);
            case DISCARD -> discarded(code);
            case ASK -> {
                if (impact.changes().isEmpty()) yield discarded(code);
                Optional<Console> terminal = terminal();
                if (terminal.isEmpty()) {
                    say("nobody can be asked; `--commit` or `--discard` says it beforehand");
                    discarded(code);
                    yield UNDECIDED;
                }
                String answer = terminal.get().readLine("Do that to the workspace? [y/N] ");
                if (answer != null
                        && List.of("y", "yes").contains(answer.strip().toLowerCase(Locale.ROOT)))
                    yield commit(impact, residue, code);
                discarded(code);
                yield UNDECIDED;
            }
        };
    }

    private static int discarded(int code) {
        say("discarded; the workspace is as it was");
        return code;
    }

    private int commit(Impact impact, Residue residue, int code) throws IOException {
        return switch (previews.commit(handle, impact, residue)) {
            case Commit.Done done -> {
                if (impact.changes().isEmpty()) say("nothing to commit");
                else say("committed; `guardrail uncommit " + previews.id(handle) + "` takes it back");
                yield code;
            }
            case Commit.Conflict(List<String> places) -> {
                say("not committed, since somebody else changed what it touches; nothing was written");
                places.stream().limit(TOLD).forEach(place -> say("`" + place + "` was changed meanwhile"));
                yield CONFLICT;
            }
            case Commit.Refused(List<String> why) -> {
                why.stream().limit(TOLD).forEach(clause -> say("not committed: " + clause));
                yield UNFIT;
            }
        };
    }

    private static void tell(Impact impact) {
        say(impact.files() + " files, " + impact.bytes() + " bytes, " + impact.deleted() + " deleted");
        impact.changes().stream().limit(TOLD).forEach(change -> say(line(change)));
        int more = impact.changes().size() - TOLD;
        if (more > 0) say("and " + more + " more");
    }

    private static String line(Change change) {
        String what = change.kind().word() + " `" + change.place() + "`";
        return switch (change.kind()) {
            case CREATED -> what + ": " + entry(change.after());
            case DELETED -> what + ": " + entry(change.before());
            case OVERWRITTEN, REPLACED, MODE, TOUCHED ->
                what + ": " + entry(change.before()) + ", then " + entry(change.after());
        };
    }

    private static String entry(Entry entry) {
        return switch (entry) {
            case Entry.Nothing nothing -> "nothing";
            case Entry.File file -> file.mode() + " " + file.bytes() + " bytes";
            case Entry.Directory(String mode) -> "directory " + mode;
            case Entry.Link(String leadsTo) -> "link to `" + leadsTo + "`";
            case Entry.Other(String what) -> what;
        };
    }

    private static void say(String words) {
        System.err.println("guardrail: " + Screen.safe(words));
    }
}
