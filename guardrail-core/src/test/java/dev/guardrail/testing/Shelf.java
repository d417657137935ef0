package dev.guardrail.testing;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonBoolean;
import dev.guardrail.base.JsonObject;
import dev.guardrail.call.CallId;
import dev.guardrail.call.DecisionRequest;
import dev.guardrail.call.Template;
import dev.guardrail.call.ToolDefinition;
import dev.guardrail.call.ToolEffect;
import dev.guardrail.call.ToolName;
import dev.guardrail.call.UndoHook;
import dev.guardrail.pipeline.Outcome;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;

/// Files in memory behind `files.read`, `files.write` and `files.move`, whose writes and moves can be undone.
@NullMarked
public final class Shelf {
    private static final Template PATH = new Template(arguments("path", "${args.path}"));
    private static final Optional<UndoHook.Absence> ABSENT = Optional.of(new UndoHook.Absence(""));

    private final Map<String, String> files = new ConcurrentHashMap<>();

    /// How often anything was changed.
    public final AtomicInteger changes = new AtomicInteger();

    /// How often anything was read.
    public final AtomicInteger reads = new AtomicInteger();

    /// Happens right after each change.
    private volatile Runnable next = () -> {};

    /// Something happens right after each change.
    public void afterwards(Runnable happens) {
        next = happens;
    }

    private static JsonObject arguments(String... pairs) {
        var json = JsonObject.builder();
        for (int i = 0; i < pairs.length; i += 2) json.with(pairs[i], pairs[i + 1]);
        return json.build();
    }

    /// Arguments of a write.
    public static JsonObject args(String path, String content) {
        return arguments("path", path, "content", content);
    }

    /// Arguments of a move.
    public static JsonObject move(String from, String to) {
        return arguments("from", from, "to", to);
    }

    public void put(String path, String content) {
        files.put(path, content);
    }

    public void remove(String path) {
        files.remove(path);
    }

    public @Nullable String get(String path) {
        return files.get(path);
    }

    public Map<String, String> all() {
        return Map.copyOf(files);
    }

    /// Puts the shelf behind a rig's `files`, whose hooks say what a write is about.
    public Rig apart(Rig rig) {
        on(rig);
        return rig.tool(tool("write", ToolEffect.WRITE, Optional.of(touching(writing(), "${args.path}"))));
    }

    private static UndoHook touching(UndoHook hook, String name) {
        var names = JsonObject.with(UndoHook.NAMES, JsonArray.ofTexts(List.of(name)))
                .build();
        return hook.about(Optional.of(new Template(names)));
    }

    /// Puts the shelf behind a rig's `files`.
    public Rig on(Rig rig) {
        rig.tool(tool("read", ToolEffect.READ, Optional.empty()));
        rig.tool(tool("write", ToolEffect.WRITE, Optional.of(writing())));
        rig.tool(tool("move", ToolEffect.WRITE, Optional.of(moving())));
        return rig.upstream(this::answer).sight(this::answer);
    }

    /// The operator does not say any more that `files.read` reads.
    public void notRead(Rig rig) {
        rig.tool(tool("read", ToolEffect.EXTERNAL, Optional.empty()));
    }

    private static UndoHook writing() {
        var look = Optional.of(new UndoHook.Look(name("read"), PATH, ABSENT));
        return new UndoHook(
                look,
                Optional.of(new UndoHook.Act(
                        name("write"),
                        new Template(arguments("path", "${args.path}", "content", "${before.content[0].text}")))),
                Optional.of(new UndoHook.Act(
                        name("move"),
                        new Template(arguments("from", "${args.path}", "to", "${args.path}.${call.id}.undone")))),
                look,
                UndoHook.KEPT,
                Optional.empty(),
                Optional.empty());
    }

    /// A move can be taken back where nothing was in its way; what it left is what lies at its end.
    private static UndoHook moving() {
        var look = Optional.of(new UndoHook.Look(name("read"), new Template(arguments("path", "${args.to}")), ABSENT));
        return new UndoHook(
                look,
                Optional.empty(),
                Optional.of(new UndoHook.Act(
                        name("move"), new Template(arguments("from", "${args.to}", "to", "${args.from}")))),
                look,
                UndoHook.KEPT,
                Optional.empty(),
                Optional.empty());
    }

    /// Gives a rig a tool whose every call can be undone by calling it again, with what it takes back as `back`.
    ///
    /// @param acted true for calls that have left something
    public static Rig undoable(Rig rig, String name, Predicate<CallId> acted) {
        ToolDefinition plain = Calls.tool(name);
        var seen = new ToolName(plain.name().server(), "seen");
        var look = Optional.of(new UndoHook.Look(seen, new Template(JsonObject.EMPTY), Optional.empty()));
        var back = new UndoHook.Act(plain.name(), new Template(arguments("to", "${args.to}", "back", "${call.id}")));
        var hook = new UndoHook(
                look, Optional.of(back), Optional.empty(), look, UndoHook.KEPT, Optional.empty(), Optional.empty());
        rig.tool(hooked(plain, ToolEffect.WRITE, Optional.of(hook.partial(true))));
        rig.tool(hooked(Calls.tool(seen.toString()), ToolEffect.READ, Optional.empty()));
        return rig.sight(question -> found(acted.test(question.call()) ? "changed" : "as before"));
    }

    private static ToolName name(String tool) {
        return new ToolName("files", tool);
    }

    private static ToolDefinition tool(String name, ToolEffect effect, Optional<UndoHook> undo) {
        return hooked(Calls.tool("files." + name), effect, undo);
    }

    /// The operator says that `files.write` may be repeated.
    public Rig repeatable(Rig rig) {
        return on(rig).tool(hooked(Calls.tool("files.write"), ToolEffect.WRITE, Optional.of(writing()), true));
    }

    /// A `files.write` may fail in the middle.
    public Rig partial(Rig rig) {
        return on(rig).tool(
                        tool("write", ToolEffect.WRITE, Optional.of(writing().partial(true))));
    }

    /// What became of a `files.write` can be asked.
    public void probed(Rig rig) {
        var probe = new UndoHook.Probe(new UndoHook.Look(name("read"), PATH, Optional.empty()), UndoHook.Probe.LATE);
        rig.tool(tool("write", ToolEffect.WRITE, Optional.of(writing().probed(Optional.of(probe)))));
    }

    /// A tool as an operator's catalogue has it.
    public static ToolDefinition hooked(ToolDefinition plain, ToolEffect effect, Optional<UndoHook> undo) {
        return hooked(plain, effect, undo, false);
    }

    private static ToolDefinition hooked(
            ToolDefinition plain, ToolEffect effect, Optional<UndoHook> undo, boolean idempotent) {
        return new ToolDefinition(
                plain.name(),
                plain.definition(),
                Optional.empty(),
                effect,
                Set.of(),
                Set.of(),
                idempotent,
                false,
                plain.digest(),
                undo);
    }

    /// Does or reads what is asked.
    public Outcome answer(DecisionRequest request) {
        JsonObject arguments = request.action().arguments();
        return switch (request.action().tool().name()) {
            case "read" -> read(arguments.text("path").orElseThrow());
            case "write" -> {
                put(
                        arguments.text("path").orElseThrow(),
                        arguments.text("content").orElseThrow());
                yield done();
            }
            case "move" ->
                moved(arguments.text("from").orElseThrow(), arguments.text("to").orElseThrow());
            default -> done();
        };
    }

    private Outcome moved(String from, String to) {
        String content = files.remove(from);
        if (content == null) return error("ENOENT: no such file or directory");
        put(to, content);
        return done();
    }

    private Outcome done() {
        changes.incrementAndGet();
        next.run();
        return found("done");
    }

    private Outcome read(String path) {
        reads.incrementAndGet();
        String content = files.get(path);
        return content == null ? error("ENOENT: no such file or directory") : found(content);
    }

    /// A result that holds a text.
    public static Outcome found(String text) {
        return new Outcome.Answered(JsonObject.with("content", texts(text)).build(), true);
    }

    /// An error of the tool.
    public static Outcome error(String text) {
        return new Outcome.Answered(
                JsonObject.with("content", texts(text))
                        .with("isError", JsonBoolean.of(true))
                        .build(),
                false);
    }

    private static JsonArray texts(String text) {
        return new JsonArray(
                List.<Json>of(JsonObject.with("type", "text").with("text", text).build()));
    }
}
