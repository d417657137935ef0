package dev.guardrail.server.upstream;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.FileInputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/// Processes that have a mark in their environment: whoever is started inherits it, and keeps it when its parent has
/// ended. Linux alone tells (`proc(5)`); elsewhere none is found.
final class Marked {
    /// The variable.
    static final String NAME = "GUARDRAIL_QUESTION";

    /// What is killed may just have started something.
    private static final int ROUNDS = 20;

    private Marked() {}

    /// Kills all of them.
    static void kill(String mark) {
        for (int round = 0; round < ROUNDS; round++) {
            List<ProcessHandle> found =
                    ProcessHandle.allProcesses().filter(each -> has(each, mark)).toList();
            if (found.isEmpty()) return;
            found.forEach(ProcessHandle::destroyForcibly);
        }
    }

    /// False of one that has ended, or is somebody else's.
    private static boolean has(ProcessHandle process, String mark) {
        // Not by a channel: whoever is interrupted has to be able to read it.
        try (var stream = new FileInputStream("/proc/" + process.pid() + "/environ")) {
            byte[] environment = stream.readAllBytes();
            return Arrays.asList(new String(environment, UTF_8).split("\0", -1)).contains(NAME + "=" + mark);
        } catch (IOException untold) {
            return false;
        }
    }
}
