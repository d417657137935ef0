package dev.guardrail.server.crash;

import dev.guardrail.base.JsonBoolean;
import dev.guardrail.base.JsonObject;
import dev.guardrail.server.corpus.ShopUpstream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// An MCP server in a process of its own: keys with values, and a file that is only ever appended to, one synced line
/// for each effect. It outlives the guards before it, as the world does.
///
/// `put` and `delete` are an agent's and carry a nonce; `restore` and `remove` take a call back and carry its id.
/// `done` says whether a nonce had its effect. Each look at a key is told in a file of its own.
final class Ledger {
    private static final String[] TOOLS = {"get", "done", "put", "delete", "restore", "remove"};

    /// Longest that it takes before and after an effect, so that kills find calls in every state.
    private static final long DAWDLE_NANOS = 5_000_000;

    /// What the tags begin with of what is there before a session.
    static final String SEED = "seed";

    private final Map<String, String> values = new LinkedHashMap<>();
    private final Set<String> done = new HashSet<>();
    private final FileChannel effects;
    private final FileChannel looks;

    private Ledger(Path directory) throws IOException {
        effects = FileChannel.open(effects(directory), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        looks = FileChannel.open(looks(directory), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    /// Arguments: the directory of its files. It says its address on its standard output, and ends by itself once
    /// nobody holds its standard input.
    public static void main(String[] arguments) throws Exception {
        var ledger = new Ledger(Path.of(arguments[0]));
        try (var server = new ShopUpstream(ledger::answer)) {
            server.list(Arrays.stream(TOOLS).map(ShopUpstream::tool).toArray(JsonObject[]::new));
            System.out.println(server.url());
            while (System.in.read() >= 0) continue;
        }
        Runtime.getRuntime().halt(0);
    }

    /// One effect.
    ///
    /// @param value empty where there is none after it
    /// @param tag nonce of an agent's call, or id of the call that is taken back
    record Line(String verb, String key, String value, String tag) {
        boolean takesBack() {
            return verb.equals("restore") || verb.equals("remove");
        }

        /// By an agent through the guard, and not by the test beside it.
        boolean isActed() {
            return !takesBack() && !tag.startsWith(SEED);
        }
    }

    static Path effects(Path directory) {
        return directory.resolve("effects");
    }

    static Path looks(Path directory) {
        return directory.resolve("looks");
    }

    /// Every effect so far, in order.
    static List<Line> lines(Path directory) throws IOException {
        return Told.wholeLines(effects(directory)).stream()
                .map(line -> line.split(" ", -1))
                .map(words -> new Line(words[0], words[1], words[2], words[3]))
                .toList();
    }

    private JsonObject answer(JsonObject params) {
        JsonObject arguments = params.object("arguments").orElse(JsonObject.EMPTY);
        dawdle();
        JsonObject answer = answer(params.text("name").orElseThrow(), arguments);
        dawdle();
        return answer;
    }

    private static void dawdle() {
        LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(DAWDLE_NANOS));
    }

    private synchronized JsonObject answer(String tool, JsonObject arguments) {
        String key = arguments.text("key").orElse("");
        return switch (tool) {
            case "get" -> {
                append(looks, false, arguments.text("call").orElse("-") + " " + key);
                yield found(values.get(key));
            }
            case "done" -> found(done.contains(arguments.text("nonce").orElseThrow()) ? "done" : null);
            case "put", "restore" ->
                effect(new Line(tool, key, arguments.text("value").orElseThrow(), tag(arguments)));
            case "delete", "remove" ->
                values.containsKey(key) ? effect(new Line(tool, key, "", tag(arguments))) : found(null);
            default -> throw new IllegalArgumentException(tool);
        };
    }

    private static String tag(JsonObject arguments) {
        return arguments.text("nonce").or(() -> arguments.text("call")).orElseThrow();
    }

    private static JsonObject found(@Nullable String value) {
        return value == null
                ? ShopUpstream.texts("not found").set("isError", JsonBoolean.of(true))
                : ShopUpstream.texts(value);
    }

    /// Done and on the disk before anybody is told.
    private JsonObject effect(Line line) {
        if (line.value().isEmpty()) values.remove(line.key());
        else values.put(line.key(), line.value());
        done.add(line.tag());
        append(effects, true, line.verb() + " " + line.key() + " " + line.value() + " " + line.tag());
        return ShopUpstream.texts("done");
    }

    private static void append(FileChannel file, boolean durable, String line) {
        try {
            file.write(ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8)));
            if (durable) file.force(false);
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }

    /// The process, and where it is.
    record Running(Process process, String url, Path directory) implements AutoCloseable {
        static Running start(Path directory) throws IOException {
            Files.createDirectories(directory);
            var process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-XX:+UseSerialGC",
                            "-XX:TieredStopAtLevel=1",
                            "-Xmx64m",
                            "-cp",
                            System.getProperty("java.class.path"),
                            Ledger.class.getName(),
                            directory.toString())
                    .redirectError(directory.resolve("errors").toFile())
                    .start();
            String url = process.inputReader(StandardCharsets.UTF_8).readLine();
            if (url == null) throw new IOException(Files.readString(directory.resolve("errors")));
            return new Running(process, url, directory);
        }

        List<Line> lines() throws IOException {
            return Ledger.lines(directory);
        }

        @Override
        public void close() {
            process.destroyForcibly();
        }
    }
}
