package dev.guardrail.server.crash;

import dev.guardrail.base.JsonObject;
import dev.guardrail.call.Caller;
import dev.guardrail.call.Proposal;
import dev.guardrail.call.Run;
import dev.guardrail.call.ToolName;
import dev.guardrail.journal.CallRecord;
import dev.guardrail.journal.Receipt;
import dev.guardrail.pipeline.Reply;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;

/// The process that is killed: a guard under load, which tells on its standard output what its callers were told.
///
/// Arguments: home, the upstream's file, the planted bug, number of callers. It ends by itself once nobody holds its
/// standard input.
final class CrashChild {
    private static final FileOutputStream OUT = new FileOutputStream(FileDescriptor.out);

    private CrashChild() {}

    public static void main(String[] arguments) throws Exception {
        var plant = Plant.valueOf(arguments[2]);
        Thread.ofPlatform().daemon().start(CrashChild::endWithParent);
        var guard = CrashGuard.start(Path.of(arguments[0]), Path.of(arguments[1]), plant, CrashChild::acknowledge);
        tell("ready " + guard.settled.inDoubt());
        guard.runQueued();
        for (int caller = 0; caller < Integer.parseInt(arguments[3]); caller++) {
            String name = "agent-" + caller;
            Thread.ofVirtual().start(() -> call(guard, name));
        }
        Thread.ofVirtual().start(() -> sign(guard));
        new CountDownLatch(1).await();
    }

    private static void endWithParent() {
        try {
            while (System.in.read() >= 0) continue;
        } catch (IOException gone) {
            throw new UncheckedIOException(gone);
        } finally {
            Runtime.getRuntime().halt(3);
        }
    }

    private static void call(CrashGuard guard, String agent) {
        var caller = new Caller(Caller.Kind.AGENT, agent, Set.of(), Set.of(), Set.of(), Optional.empty());
        for (long count = 0; ; count++) {
            var arguments =
                    JsonObject.with("nonce", System.nanoTime() + "/" + count).build();
            switch ((int) (count % 8)) {
                case 0 -> told(propose(guard, caller, "up.never", arguments, Run.GUARD));
                case 1 -> runItself(guard, caller, arguments);
                case 2 -> waitForBob(guard, caller, arguments);
                case 3 -> told(propose(guard, caller, "up.later", arguments, Run.GUARD));
                default -> told(propose(guard, caller, "up.pay", arguments, Run.GUARD));
            }
        }
    }

    private static Reply propose(CrashGuard guard, Caller caller, String tool, JsonObject arguments, Run run) {
        return guard.guard.propose(
                new Proposal(caller, Optional.empty(), "test", ToolName.parse(tool), arguments, "", run),
                Optional.empty(),
                CrashGuard.attendance());
    }

    private static void runItself(CrashGuard guard, Caller caller, JsonObject arguments) {
        Reply reply = propose(guard, caller, "up.pay", arguments, Run.CALLER);
        told(reply);
        if (!(reply instanceof Reply.Permitted permitted)) return;
        guard.run(permitted.call());
        told(guard.guard.report(caller, permitted.call().id(), true, Optional.empty(), ""));
    }

    private static void waitForBob(CrashGuard guard, Caller caller, JsonObject arguments) {
        Reply reply = propose(guard, caller, "up.ask", arguments, Run.GUARD);
        told(reply);
        if (!(reply instanceof Reply.Held held)) return;
        guard.desk.approve(
                CrashGuard.BOB, held.pending().ticket(), held.call().argumentsDigest(), "", Optional.empty());
        told(guard.guard.execute(caller, held.call().id(), CrashGuard.attendance()));
    }

    /// A caller was told this.
    private static void told(Reply reply) {
        switch (reply) {
            case Reply.Ran ran -> acknowledge(ran.call());
            case Reply.Queued queued -> acknowledge(queued.call());
            case Reply.Permitted permitted -> acknowledge(permitted.call());
            case Reply.Refused refused -> acknowledge(refused.call());
            case Reply.Held held -> acknowledge(held.call());
            case Reply.Asked asked -> acknowledge(asked.call());
            case Reply.Present present -> acknowledge(present.call());
            case Reply.Faulted faulted -> acknowledge(faulted.call());
            case Reply.Broken broken -> tell("broken " + broken.detail());
        }
    }

    private static void acknowledge(CallRecord call) {
        tell("ack " + call.id() + " " + call.status().text() + " "
                + call.entry().map(Receipt::seq).orElse(-1L));
    }

    /// Signs now and then, and tells of each head once: callers are to have the processor.
    private static void sign(CrashGuard guard) {
        long told = -1;
        while (true) {
            guard.notary.sign();
            long size = guard.notary.signedSize();
            if (size != told) tell("head " + size);
            told = size;
            CrashGuard.dawdle();
        }
    }

    /// One write of one line, so that a kill leaves whole lines but for the last.
    private static void tell(String line) {
        try {
            OUT.write((line + "\n").getBytes(StandardCharsets.UTF_8));
        } catch (IOException gone) {
            throw new UncheckedIOException(gone);
        }
    }
}
