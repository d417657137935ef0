package dev.guardrail.server.runner;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonBoolean;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.Printable;
import dev.guardrail.base.ProblemType;
import dev.guardrail.call.DecisionRequest;
import dev.guardrail.journal.Lease;
import dev.guardrail.pipeline.Attendance;
import dev.guardrail.pipeline.Confiner;
import dev.guardrail.pipeline.Looks;
import dev.guardrail.pipeline.Outcome;
import dev.guardrail.pipeline.Runner;
import dev.guardrail.undo.Compensator;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The built-in server `workspace`: files below one root, and commands in it. It goes where the decision's path
/// facts say, component by component and without following a link, so that what runs is what was judged. A link as
/// the last component names its target.
public final class Workspace implements Runner, Looks, Confiner, Closeable {
    private static final Logger LOG = LoggerFactory.getLogger(Workspace.class);

    /// How long the end of a call is awaited after its client left, or after it was stopped: what ran shall be known.
    private static final Duration GRACE = Duration.ofMillis(500);

    /// The same after it was interrupted.
    private static final Duration DRAIN = Duration.ofSeconds(5);

    private final ConfinedTree tree;
    private final Restoring restoring;
    private final int fileBytes;
    private final Optional<Shell> shell;

    /// Files alone; no command runs.
    ///
    /// @param root directory that exists
    /// @param fileBytes largest file that is read
    /// @throws IOException where the root is no directory, or the system has no directory handles
    public Workspace(Path root, int fileBytes, RandomGenerator random) throws IOException {
        this(root, fileBytes, random, Optional.empty());
    }

    /// @param shell runs its commands
    public Workspace(Path root, int fileBytes, RandomGenerator random, Shell shell) throws IOException {
        this(root, fileBytes, random, Optional.of(shell));
    }

    private Workspace(Path root, int fileBytes, RandomGenerator random, Optional<Shell> shell) throws IOException {
        this.tree = new ConfinedTree(root, random);
        this.restoring = new Restoring(new FilesUndo(tree));
        this.fileBytes = fileBytes;
        this.shell = shell;
    }

    /// What takes back what is done to files below the root, by this workspace or beside it.
    Compensator undo() {
        return new FilesUndo(tree);
    }

    /// Definitions of its tools, with those that only undoing can reach.
    public List<JsonObject> definitions() {
        return Stream.concat(WorkspaceTools.definitions().stream(), restoring.definitions().stream())
                .toList();
    }

    @Override
    public Outcome look(DecisionRequest question, Duration atMost) {
        return restoring.look(question, atMost);
    }

    @Override
    public Optional<Objection> objection(DecisionRequest request) {
        return shell.<Confiner>map(commands -> commands).orElse(Confiner.NONE).objection(request);
    }

    @Override
    public Outcome run(Lease lease, DecisionRequest request, Attendance attendance) {
        if (request.action().tool().name().equals(Shell.TOOL) && shell.isPresent())
            return shell.get().run(request, attendance);
        if (request.action().tool().isUndo()) return restoring.run(lease, request, attendance);
        if (attendance.left().isDone())
            return new Outcome.NotRun(ProblemType.UPSTREAM_FAILED, "the client left; the call did not run");
        var outcome = new CompletableFuture<Outcome>();
        var working = Thread.ofVirtual().name("guardrail-workspace").unstarted(() -> outcome.complete(run(request)));
        working.start();
        return awaited("the workspace", working, outcome, attendance);
    }

    /// What a thread comes to, while somebody waits for it.
    ///
    /// @param what it works on
    static Outcome awaited(String what, Thread working, CompletableFuture<Outcome> outcome, Attendance attendance) {
        try {
            CompletableFuture.anyOf(outcome, attendance.left())
                    .get(attendance.timeout().toNanos(), TimeUnit.NANOSECONDS);
            return outcome.isDone() ? outcome.get() : abandoned(working, outcome);
        } catch (TimeoutException late) {
            return new Outcome.Lost(
                    ProblemType.UPSTREAM_TIMEOUT, what + " was too slow; whether the call ran is not known");
        } catch (ExecutionException impossible) {
            return new Outcome.Lost(ProblemType.INTERNAL, what + " failed; whether the call ran is not known");
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return new Outcome.Lost(ProblemType.INTERNAL, "the guard is stopping; whether the call ran is not known");
        }
    }

    /// Nobody wants it done any more: what does not end at once is interrupted, and then left alone.
    private static Outcome abandoned(Thread working, CompletableFuture<Outcome> outcome)
            throws InterruptedException, ExecutionException, TimeoutException {
        try {
            return outcome.get(GRACE.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException goesOn) {
            working.interrupt();
            return outcome.get(DRAIN.toNanos(), TimeUnit.NANOSECONDS);
        }
    }

    private Outcome run(DecisionRequest request) {
        String tool = request.action().tool().name();
        try {
            return new Outcome.Answered(answer(tool, request), true);
        } catch (FileSystemException | ConfinedTree.Refused refused) {
            return new Outcome.Answered(refusal(tool, reason(refused)), false);
        } catch (IOException | RuntimeException | StackOverflowError | OutOfMemoryError fault) {
            LOG.error("`workspace.{}` failed: {}", Printable.text(tool), Printable.trace(fault));
            return new Outcome.Lost(ProblemType.INTERNAL, "the workspace failed; whether the call ran is not known");
        }
    }

    private JsonObject answer(String tool, DecisionRequest request) throws IOException {
        return switch (tool) {
            case "fs_read" -> text(string(tree.read(names(request, "path"), fileBytes)));
            case "fs_write" -> write(request);
            case "fs_list" -> list(names(request, "path"));
            case "fs_delete" -> {
                tree.delete(names(request, "path"));
                yield text("Deleted.");
            }
            case "fs_move" -> {
                tree.move(names(request, "from"), names(request, "to"));
                yield text("Moved.");
            }
            default -> throw new ConfinedTree.Refused("the workspace has no such tool");
        };
    }

    private JsonObject write(DecisionRequest request) throws IOException {
        String content = argument(request, "content");
        byte[] bytes = content.getBytes(UTF_8);
        boolean fresh = tree.write(names(request, "path"), bytes);
        return text((fresh ? "Created, " : "Replaced, ") + bytes.length + " bytes.");
    }

    private JsonObject list(List<String> names) throws IOException {
        var items = tree.list(names);
        var lines = new StringBuilder();
        var entries = new java.util.ArrayList<Json>();
        for (var item : items) {
            lines.append(item.name())
                    .append(item.kind().equals("directory") ? "/" : item.kind().equals("link") ? "@" : "")
                    .append('\n');
            entries.add(JsonObject.with("name", item.name())
                    .with("kind", item.kind())
                    .with("bytes", dev.guardrail.base.JsonNumber.of(item.bytes()))
                    .build());
        }
        return text(lines.toString())
                .set(
                        "structuredContent",
                        JsonObject.with("entries", new JsonArray(entries)).build());
    }

    /// Components below the root of the path that an argument was judged as.
    private List<String> names(DecisionRequest request, String argument) throws IOException {
        var fact = request.resource().paths().of(argument(request, argument));
        if (fact.isEmpty()) throw new ConfinedTree.Refused("`" + argument + "` cannot be resolved to a path");
        try {
            if (fact.get().root().equals(tree.root().toString()))
                return tree.below(Path.of(fact.get().real()));
        } catch (ConfinedTree.Refused out) {
            throw new ConfinedTree.Refused("`" + argument + "` leads out of the workspace");
        }
        throw new ConfinedTree.Refused("`" + argument + "` leads out of the workspace");
    }

    private static String argument(DecisionRequest request, String name) throws ConfinedTree.Refused {
        Optional<String> text = request.action().arguments().text(name);
        return text.orElseThrow(() -> new ConfinedTree.Refused("`" + name + "` is missing"));
    }

    private static String string(byte[] bytes) throws IOException {
        try {
            return UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException binary) {
            throw new ConfinedTree.Refused("it is no text in UTF-8");
        }
    }

    /// What went wrong, without paths of ours.
    static String reason(IOException refused) {
        return switch (refused) {
            case ConfinedTree.Refused known -> String.valueOf(known.getMessage());
            case DirectoryNotEmptyException full -> "the directory is not empty";
            case FileSystemException other ->
                other.getReason() == null
                        ? "the file system refused (" + other.getClass().getSimpleName() + ")"
                        : "the file system refused (" + other.getReason() + ")";
            case IOException other -> "the file system refused";
        };
    }

    private static JsonObject refusal(String tool, String reason) {
        return text("`" + tool + "` did nothing: " + reason + ".").set("isError", JsonBoolean.TRUE);
    }

    private static JsonObject text(String text) {
        var item = JsonObject.with("type", "text").with("text", text).build();
        return JsonObject.with("content", new JsonArray(List.of(item))).build();
    }

    @Override
    public void close() throws IOException {
        shell.ifPresent(Shell::close);
        tree.close();
    }
}
