package dev.guardrail.pipeline;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonWriter;
import dev.guardrail.base.ProblemType;
import dev.guardrail.base.Sha256;
import dev.guardrail.call.Action;
import dev.guardrail.call.DecisionRequest;
import dev.guardrail.call.Resource;
import dev.guardrail.call.Template;
import dev.guardrail.call.ToolDefinition;
import dev.guardrail.call.ToolEffect;
import dev.guardrail.call.UndoHook;
import dev.guardrail.journal.Journal;
import dev.guardrail.undo.Hindrance;
import dev.guardrail.undo.Image;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// Looks at what a call is about to change or has left, as its undo hook says; bounded in size and time.
record Imaging(
        Looks looks,
        Retries retries,
        Catalogue catalogue,
        Schemas schemas,
        Paths paths,
        Journal journal,
        Witness witness) {
    /// Largest image, in bytes.
    static final int MOST = 1024 * 1024;

    static final Duration PATIENCE = Duration.ofSeconds(10);

    /// With less time than this left it is not asked again.
    private static final Duration LEAST = Duration.ofSeconds(1);

    /// How tools usually say that there is nothing.
    private static final List<String> NOTHING = List.of("enoent", "no such file", "not found", "does not exist");

    /// @param roots what the look's places are filled with
    /// @param about the call that it is about
    Image look(UndoHook.Look look, Map<String, Json> roots, DecisionRequest about) {
        Optional<ToolDefinition> tool = catalogue.find(look.tool()).filter(known -> known.effect() == ToolEffect.READ);
        if (tool.isEmpty()) return new Image.Unseen("no_tool");
        if (!(look.args().fill(roots) instanceof Template.Filled.Whole(JsonObject arguments))
                || schemas.violation(tool.get(), arguments).isPresent()) return new Image.Unseen("wrong_shape");
        var question = new DecisionRequest(
                about.call(),
                about.subject(),
                new Action(look.tool(), arguments),
                new Resource(tool.get(), paths.resolve(look.tool(), arguments)),
                about.context());
        return image(look, answer(question));
    }

    private Image image(UndoHook.Look look, Outcome outcome) {
        return switch (outcome) {
            case Outcome.NotRun notRun -> new Image.Unseen(word(notRun.type()));
            case Outcome.Lost lost -> new Image.Unseen(word(lost.type()));
            case Outcome.Answered(JsonObject result, boolean ok)
            when ok -> {
                JsonObject found = result.without("_meta");
                yield JsonWriter.bytes(found).length > MOST ? new Image.Unseen("too_large") : new Image.Present(found);
            }
            case Outcome.Answered(Json result, boolean ok) when ok -> new Image.Unseen("wrong_shape");
            case Outcome.Answered(Json result, boolean ok) ->
                saysNothing(look, result) ? new Image.Absent() : unseen(look, result);
        };
    }

    /// A server of ours says why a state cannot be kept; nobody else is listened to.
    private static Image.Unseen unseen(UndoHook.Look look, Json result) {
        Optional<JsonObject> said = look.tool().isUndo() && result instanceof JsonObject object
                ? object.object("structuredContent")
                : Optional.empty();
        return said.flatMap(content -> content.text("unfit")
                        .flatMap(Hindrance::of)
                        .map(kind -> new Image.Unseen(
                                kind.text(), content.text("why").orElse(""))))
                .orElseGet(() -> new Image.Unseen("failed"));
    }

    /// True where the tool itself says that there is nothing; an error of the protocol says nothing of the kind.
    private static boolean saysNothing(UndoHook.Look look, Json result) {
        if (look.absentWhen().isEmpty()
                || Outcome.Answered.protocolError(result, false).isPresent()) return false;
        String said = result.toString().toLowerCase(Locale.ROOT);
        String words = look.absentWhen().get().words().toLowerCase(Locale.ROOT);
        return words.isEmpty() ? NOTHING.stream().anyMatch(said::contains) : said.contains(words);
    }

    private static String word(ProblemType type) {
        return type == ProblemType.UPSTREAM_TIMEOUT ? "slow" : "failed";
    }

    /// Looking changes nothing, so a server that could not be reached, or had no answer, is asked again in the time
    /// that is left.
    private Outcome answer(DecisionRequest question) {
        long until = journal.nanos() + PATIENCE.toNanos();
        return retries.of(
                () -> answer(question, Duration.ofNanos(Math.max(1, until - journal.nanos()))),
                outcome -> isUnanswered(outcome) && until - journal.nanos() > LEAST.toNanos());
    }

    private static boolean isUnanswered(Outcome outcome) {
        return switch (outcome) {
            case Outcome.NotRun notRun -> notRun.type() == ProblemType.UPSTREAM_FAILED;
            case Outcome.Lost lost -> lost.type() == ProblemType.UPSTREAM_FAILED;
            case Outcome.Answered answered -> false;
        };
    }

    @SuppressWarnings("CatchThrowable") // law: a hook that fails narrows, it never breaks the path
    private Outcome answer(DecisionRequest question, Duration atMost) {
        try {
            return looks.look(question, atMost);
        } catch (Throwable fault) {
            witness.faulted("look", fault);
            return new Outcome.NotRun(ProblemType.INTERNAL, "looking failed inside the guard");
        }
    }

    /// What is kept of an image, to compare it with another: nobody without the key can guess it.
    Optional<Sha256> kept(Image image) {
        return image.digest().map(journal::blind);
    }
}
