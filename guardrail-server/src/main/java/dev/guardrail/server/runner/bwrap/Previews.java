package dev.guardrail.server.runner.bwrap;

import dev.guardrail.base.IdSource;
import dev.guardrail.sandbox.Change;
import dev.guardrail.sandbox.Commit;
import dev.guardrail.sandbox.Impact;
import dev.guardrail.sandbox.Profile;
import dev.guardrail.sandbox.Residue;
import dev.guardrail.sandbox.Sandbox.Handle;
import dev.guardrail.sandbox.Sandbox.Prepared;
import dev.guardrail.sandbox.Sandbox.Refusal;
import dev.guardrail.server.runner.Draft;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;

/// Commands of a sandbox that write in a copy of the workspace: what they did is shown, and then done to the workspace
/// itself or thrown away. What was committed can be taken back.
public final class Previews {
    private final BubblewrapSandbox sandbox;
    private final Drafts drafts;
    private final InstantSource clock;
    private final RandomGenerator random;
    private final IdSource ids;
    private final Map<String, Trial> trials = new ConcurrentHashMap<>();

    /// A command that writes in a copy.
    private record Trial(String id, Draft draft, Account account) {}

    private Previews(
            BubblewrapSandbox sandbox, Drafts drafts, InstantSource clock, RandomGenerator random, IdSource ids) {
        this.sandbox = sandbox;
        this.drafts = drafts;
        this.clock = clock;
        this.random = random;
        this.ids = ids;
    }

    /// For one sandbox. What a process that is gone left half done is completed, and its copies are taken away.
    ///
    /// @param views directory of copies and of what was committed, which belongs to it alone; made where absent
    public static Previews open(
            BubblewrapSandbox sandbox, Path views, InstantSource clock, RandomGenerator random, IdSource ids)
            throws IOException {
        return new Previews(sandbox, Drafts.open(views), clock, random, ids);
    }

    /// What a crash left half done, and somebody else's changes keep from being completed: a sentence for each.
    public List<String> stuck() {
        return drafts.stuck();
    }

    /// Makes ready for a command that writes in a copy of the workspace. A crash leaves the copy, until the next opens
    /// the same directory.
    public Prepared prepare(Profile profile, Path workspace) throws IOException, InterruptedException {
        if (profile.files().write().size() != 1)
            return refused("a preview is of one directory, and the profile writes in "
                    + profile.files().write().size());
        String id = ids.next("view");
        Den den = drafts.create(id);
        var made = new ArrayList<Trial>();
        boolean ready = false;
        try {
            var prepared = sandbox.prepare(profile, workspace, (view, choice) -> copied(id, den, view, choice, made));
            if (!(prepared instanceof Prepared.Ready(Handle handle))) return prepared;
            Trial trial = made.getFirst();
            trial.draft().copied(Drafts.copy(den));
            trials.put(handle.id(), trial);
            ready = true;
            return prepared;
        } finally {
            if (!ready) drafts.remove(id);
        }
    }

    private static Prepared refused(String why) {
        return new Prepared.Refused(new Refusal(why, "run it without a preview"));
    }

    private View.Found copied(String id, Den den, View view, Account.Choice choice, List<Trial> made)
            throws IOException, InterruptedException {
        if (!(choice instanceof Account.Choice.Known(Account account)))
            return new View.Found.Refused(new Refusal("nobody writes in the workspace", "run it without a preview"));
        Path workspace = view.written().getFirst();
        if (drafts.views().startsWith(workspace) || workspace.startsWith(drafts.views()))
            return new View.Found.Refused(
                    new Refusal("copies of `" + workspace + "` lie in it", "let `--views` name another directory"));
        try {
            made.add(new Trial(id, Draft.of(den.directory(), workspace, clock, random), account));
            drafts.copy(den, workspace, account);
        } catch (IOException unfit) {
            return new View.Found.Refused(new Refusal(
                    "`" + workspace + "` cannot be copied: " + unfit.getMessage(), "run it without a preview"));
        }
        return new View.Found.Seen(view.in(List.of(Drafts.copy(den))));
    }

    /// By which what is committed can be taken back.
    public String id(Handle handle) {
        return trial(handle).id();
    }

    private Trial trial(Handle handle) {
        Trial trial = trials.get(handle.id());
        if (trial == null) throw new IllegalArgumentException("there is no such preview");
        return trial;
    }

    /// What the command did, when it is over.
    public Impact impact(Handle handle) throws IOException {
        Trial trial = trial(handle);
        return trial.draft().impact(trial.account().uid());
    }

    /// Does the same to the workspace, where it is as it was as far as that touches it.
    ///
    /// @param impact as it was shown
    /// @param residue as it was told
    public Commit commit(Handle handle, Impact impact, Residue residue) throws IOException {
        List<String> no = obstacles(handle.profile(), impact, residue);
        if (!no.isEmpty()) return new Commit.Refused(no);
        Trial trial = trial(handle);
        return drafts.alone(() -> trial.draft().commit(impact));
    }

    /// What is never committed, whoever asks for it.
    private static List<String> obstacles(Profile profile, Impact impact, Residue residue) {
        var no = new ArrayList<String>();
        for (Change change : impact.changes())
            for (String name : profile.files().write().getFirst().protect())
                if (("/" + change.place() + "/").contains("/" + name + "/"))
                    no.add("`" + change.place() + "` has a protected name");
        for (Residue.Finding finding : residue.findings())
            if (isNeverCommitted(finding.kind()))
                no.add("`" + finding.path() + "` " + finding.kind().words());
        if (!residue.complete()) no.add("not all that the command may have left could be looked at");
        return no.stream().distinct().toList();
    }

    private static boolean isNeverCommitted(Residue.Kind kind) {
        return switch (kind) {
            case PROTECTED_NAME, APPEARED, SET_ID, SPECIAL -> true;
            case OUTWARD_LINK, CONTROL_NAME -> false;
        };
    }

    /// Takes away the sandbox and the copy. What was committed stays, and what it takes to take it back.
    public void cleanup(Handle handle) throws IOException {
        try {
            sandbox.cleanup(handle.id());
        } finally {
            Trial trial = trials.remove(handle.id());
            // Not while it is committed: a crash would leave more than this takes away.
            if (trial != null)
                drafts.alone(() -> {
                    drafts.settle(trial.id());
                    return trial;
                });
        }
    }

    /// Takes back what was committed, where it is as it was then.
    public Commit undo(String id) throws IOException {
        return drafts.undo(id);
    }
}
