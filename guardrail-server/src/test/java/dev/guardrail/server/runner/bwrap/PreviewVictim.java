package dev.guardrail.server.runner.bwrap;

import dev.guardrail.base.IdSource;
import dev.guardrail.sandbox.Commit;
import dev.guardrail.sandbox.Impact;
import dev.guardrail.sandbox.Profile;
import dev.guardrail.sandbox.Sandbox.Handle;
import dev.guardrail.sandbox.Sandbox.Prepared;
import dev.guardrail.sandbox.Streams;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import java.util.Set;

/// A process that previews a command and commits it, to be killed on its way.
final class PreviewVictim {
    private PreviewVictim() {}

    /// @param arguments state, views, workspace and script
    public static void main(String[] arguments) throws Exception {
        var ids = IdSource.of(InstantSource.system(), new Random());
        var sandbox = BubblewrapSandbox.open(Path.of(arguments[0]), SandboxRig.ENVIRONMENT, ids);
        var previews = Previews.open(sandbox, Path.of(arguments[1]), InstantSource.system(), new Random(), ids);
        Profile build = SandboxRig.shipped("build");
        var profile = new Profile(
                build.name(), build.files(), build.network(), build.limits(), build.environment(), Set.of());
        if (!(previews.prepare(profile, Path.of(arguments[2])) instanceof Prepared.Ready(Handle handle)))
            throw new AssertionError("refused");
        System.out.println("prepared");
        var streams = new Streams(InputStream.nullInputStream(), System.err, System.err);
        sandbox.spawn(handle, List.of("/bin/sh", "-c", arguments[3]), streams);
        Impact impact = previews.impact(handle);
        System.out.println("committing");
        Commit commit = previews.commit(handle, impact, sandbox.residue(handle));
        System.out.println("done " + commit);
        previews.cleanup(handle);
    }
}
