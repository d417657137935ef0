package dev.guardrail.server.runner;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonObject;
import dev.guardrail.call.CallId;
import dev.guardrail.call.DecisionRequest;
import dev.guardrail.journal.AesSeal;
import dev.guardrail.journal.Draft;
import dev.guardrail.journal.Journal;
import dev.guardrail.journal.Lease;
import dev.guardrail.journal.StoreConflict;
import dev.guardrail.pipeline.Attendance;
import dev.guardrail.pipeline.Outcome;
import dev.guardrail.testing.Calls;
import dev.guardrail.testing.MemoryStore;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;

/// A workspace on a directory, called as the guard does: paths resolved first, a lease in hand.
final class WorkspaceRig implements Closeable {
    static final int FILE_BYTES = 64 * 1024;
    private static final Duration SOON = Duration.ofSeconds(20);

    private final Workspace workspace;
    private final HostPaths paths;
    private final Lease lease;

    WorkspaceRig(Path root) throws IOException {
        var random = new SecureRandom();
        workspace = new Workspace(root, FILE_BYTES, random);
        paths = new HostPaths(Map.of("workspace", root));
        lease = lease();
    }

    /// A right to run something.
    static Lease lease() {
        var random = new SecureRandom();
        var journal = new Journal(
                new MemoryStore(),
                new AesSeal(new byte[AesSeal.KEY_BYTES], random),
                InstantSource.fixed(Calls.NOON),
                System::nanoTime);
        try {
            var any = Calls.request(Calls.tool("workspace.fs_read"), Calls.CODER, JsonObject.EMPTY);
            return journal.intend(new Draft(), new CallId("call_1"), any.fingerprint(), SOON);
        } catch (StoreConflict impossible) {
            throw new AssertionError(impossible);
        }
    }

    /// @param pairs names and values of the arguments
    DecisionRequest request(String tool, String... pairs) {
        var arguments = JsonObject.builder();
        for (int i = 0; i < pairs.length; i += 2) arguments.with(pairs[i], pairs[i + 1]);
        var request = Calls.request(Calls.tool("workspace." + tool), Calls.CODER, arguments.build());
        return request.with(
                request.action().arguments(),
                paths.resolve(request.action().tool(), request.action().arguments()));
    }

    Outcome run(DecisionRequest request) {
        return run(request, Attendance.silent(SOON));
    }

    Outcome run(DecisionRequest request, Attendance attendance) {
        return workspace.run(lease, request, attendance);
    }

    Outcome run(String tool, String... pairs) {
        return run(request(tool, pairs));
    }

    /// Text of a call that works.
    String does(String tool, String... pairs) {
        return text(run(tool, pairs), true);
    }

    /// Text of a call that is refused.
    String refuses(String tool, String... pairs) {
        return text(run(tool, pairs), false);
    }

    String text(Outcome outcome) {
        if (outcome instanceof Outcome.Answered(Json result, boolean ok))
            return ((JsonObject) result)
                    .array("content")
                    .flatMap(content -> content.objects().getFirst().text("text"))
                    .orElseThrow();
        throw new AssertionError("not answered: " + outcome);
    }

    private String text(Outcome outcome, boolean wanted) {
        boolean ok = outcome instanceof Outcome.Answered answered && answered.ok();
        if (ok != wanted) throw new AssertionError("not as wanted: " + outcome);
        return text(outcome);
    }

    @Override
    public void close() throws IOException {
        workspace.close();
    }
}
