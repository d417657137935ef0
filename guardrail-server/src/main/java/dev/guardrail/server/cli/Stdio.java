package dev.guardrail.server.cli;

import dev.guardrail.base.JsonObject;
import dev.guardrail.server.bridge.Bridge;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// `stdio`: the bridge for hosts that only start MCP servers as processes. What it prints is the protocol alone; what
/// is for people goes to the standard error.
@Command(
        name = "stdio",
        mixinStandardHelpOptions = true,
        description = {
            "Be an MCP server for a host that only starts them as processes.",
            "Messages on the standard input go to the running sidecar at --url, to the server SERVER of its"
                    + " configuration; what it answers comes out, one message a line. It ends when the input does.",
        })
final class Stdio implements Callable<Integer> {
    private static final int FAILED = 1;

    @Parameters(paramLabel = "SERVER", description = "A server of the sidecar's configuration.")
    private String server = "";

    @Mixin
    private Reach reach = new Reach();

    /// Reads words that are written the plain way. To have the library of commands read them costs a third of the
    /// time that a host waits.
    ///
    /// @return empty where the library is needed: for help, for findings, for another way to write it
    static Optional<Stdio> plainly(List<String> words) {
        var stdio = new Stdio();
        var url = "";
        var keyFile = "";
        boolean json = false;
        for (int at = 0; at < words.size(); at++) {
            String word = words.get(at);
            boolean more = at + 1 < words.size();
            if (word.equals("--json")) json = true;
            else if (word.equals("--url") && more) url = words.get(++at);
            else if (word.equals("--key-file") && more) keyFile = words.get(++at);
            else if (!word.startsWith("-") && !word.isEmpty() && stdio.server.isEmpty()) stdio.server = word;
            else return Optional.empty();
        }
        if (stdio.server.isEmpty() || !isUrl(url)) return Optional.empty();
        stdio.reach = Reach.of(url, keyFile, json);
        return Optional.of(stdio);
    }

    private static boolean isUrl(String text) {
        try {
            return new URI(text).toString().equals(text);
        } catch (URISyntaxException other) {
            return false;
        }
    }

    @Override
    public Integer call() throws InterruptedException {
        Bridge bridge;
        try {
            bridge = bridge();
        } catch (Api.Refused refused) {
            say(String.valueOf(refused.getMessage()));
            return FAILED;
        }
        // A signal ends it as the end of the input does; what has been taken back by then is done, so nothing waits.
        Runtime.getRuntime().addShutdownHook(new Thread(() -> end(bridge), "guardrail-stop"));
        bridge.run();
        return 0;
    }

    private Bridge bridge() throws Api.Refused {
        return new Bridge(
                reach.url(),
                server,
                reach.key(),
                new FileInputStream(FileDescriptor.in),
                new FileOutputStream(FileDescriptor.out),
                this::say);
    }

    private static void end(Bridge bridge) {
        try {
            bridge.end();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
        Runtime.getRuntime().halt(0);
    }

    private void say(String words) {
        String safe = Screen.safe(words);
        System.err.println(
                reach.json() ? JsonObject.with("message", safe).build().toString() : "guardrail: " + safe);
    }
}
