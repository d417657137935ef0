package dev.guardrail.server.runner;

import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonBoolean;
import dev.guardrail.base.JsonNumber;
import dev.guardrail.base.JsonObject;
import dev.guardrail.sandbox.Outcome;
import dev.guardrail.sandbox.Profile;
import dev.guardrail.sandbox.Residue;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/// What a command in a sandbox came to, as its agent is told.
///
/// @param stopped why it was ended from outside; empty where it was not
/// @param root directory that what it left is named from
record CommandReport(
        Profile profile,
        Outcome outcome,
        Optional<String> stopped,
        Residue residue,
        Path root,
        Kept output,
        Kept errors) {
    /// Most of what is left behind that is told one by one.
    private static final int TOLD = 20;

    /// True where it ended well by itself, and left nothing that others may trip over.
    boolean isOk() {
        return stopped.isEmpty() && outcome instanceof Outcome.Succeeded && residue.isClean();
    }

    /// A result of MCP. What stands in the first line is the guard's; what follows the first `stdout:` or `stderr:` is
    /// the command's.
    JsonObject json() {
        var lines = new ArrayList<>(List.of(ending()));
        lines.addAll(leavings());
        if (omitted() > 0) lines.add(omitted() + " bytes of its output are left out.");
        stream("stdout", output).forEach(lines::add);
        stream("stderr", errors).forEach(lines::add);
        var item = JsonObject.with("type", "text")
                .with("text", String.join("\n", lines))
                .build();
        var facts = JsonObject.with("profile", profile.name())
                .with("ended", limit())
                .with("omittedBytes", JsonNumber.of(omitted()))
                .with("left", JsonArray.ofTexts(leavings()));
        exitCode().ifPresent(code -> facts.with("exitCode", JsonNumber.of(code)));
        JsonObject result = JsonObject.with("content", new JsonArray(List.of(item)))
                .with("structuredContent", facts.build())
                .build();
        return isOk() ? result : result.set("isError", JsonBoolean.TRUE);
    }

    private long omitted() {
        return output.omitted() + errors.omitted();
    }

    private static Stream<String> stream(String name, Kept kept) {
        String text = kept.text();
        return text.isEmpty() ? Stream.empty() : Stream.of(name + ":", text);
    }

    private OptionalInt exitCode() {
        if (stopped.isPresent()) return OptionalInt.empty();
        return switch (outcome) {
            case Outcome.Succeeded() -> OptionalInt.of(0);
            case Outcome.Failed(int code) -> OptionalInt.of(code);
            case Outcome.TimedOut() -> OptionalInt.empty();
            case Outcome.OverLimit over -> OptionalInt.empty();
        };
    }

    /// The limit that ended it, in a word.
    private Optional<String> limit() {
        if (stopped.isPresent()) return Optional.of("stopped");
        return switch (outcome) {
            case Outcome.Succeeded() -> Optional.empty();
            case Outcome.Failed failed -> Optional.empty();
            case Outcome.TimedOut() -> Optional.of("wall");
            case Outcome.OverLimit(Outcome.Bound bound) -> Optional.of(bound.text());
        };
    }

    private String ending() {
        if (stopped.isPresent()) return "The command was ended: " + stopped.get() + ".";
        return switch (outcome) {
            case Outcome.Succeeded() -> "Exit code 0.";
            case Outcome.Failed(int code) -> "Exit code " + code + ".";
            case Outcome.TimedOut() ->
                "The command was ended: it ran longer than `wall` of the sandbox profile `" + profile.name() + "`.";
            case Outcome.OverLimit(Outcome.Bound bound) ->
                "The command was ended: it used more than `" + bound.text() + "` of the sandbox profile `"
                        + profile.name() + "`.";
        };
    }

    private List<String> leavings() {
        var lines = new ArrayList<String>();
        residue.findings().stream()
                .limit(TOLD)
                .forEach(finding -> lines.add("It left `" + name(finding.path()) + "`, which "
                        + finding.kind().words() + "."));
        int more = residue.findings().size() - TOLD;
        if (more > 0) lines.add("It left " + more + " more of that kind.");
        if (!residue.complete()) lines.add("Not all that it may have left could be looked at.");
        return lines;
    }

    /// From the root where it lies there, and without characters that do not show.
    private String name(Path path) {
        return dev.guardrail.base.Printable.text((path.startsWith(root) ? root.relativize(path) : path).toString());
    }
}
