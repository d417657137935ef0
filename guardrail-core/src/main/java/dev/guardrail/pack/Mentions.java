package dev.guardrail.pack;

import dev.guardrail.base.JsonObject;
import dev.guardrail.call.Template;
import dev.guardrail.call.ToolDefinition;
import dev.guardrail.call.ToolEffect;
import dev.guardrail.call.ToolName;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// Tools that undo hooks name, looked for once every file is read.
final class Mentions {
    private final List<Mention> mentions = new ArrayList<>();

    /// A tool that a hook of another one calls.
    ///
    /// @param hooked whose calls are taken back: its arguments are what `${args…}` names
    /// @param reads true where it may change nothing
    record Mention(
            ToolName hooked,
            ToolName tool,
            Place place,
            Optional<Yaml.Mapping> args,
            boolean reads,
            Findings findings) {}

    void add(Mention mention) {
        mentions.add(mention);
    }

    void check(KnownTools tools, ToolCatalogue catalogue) {
        for (Mention mention : mentions) {
            if (mention.reads() && !reads(mention.tool(), catalogue))
                mention.findings()
                        .error(
                                mention.place(),
                                "not-a-read",
                                "`" + mention.tool()
                                        + "` is asked beside policy, so a `Tools` document has to say of it"
                                        + " `effect: read`");
            else if (tools.isServed(mention.tool().server())
                    && !tools.has(mention.tool().toString()))
                mention.findings().error(mention.place(), "unknown-tool", unknown(mention.tool(), tools));
            else mention.args().ifPresent(args -> fields(mention, args, tools));
        }
    }

    private static String unknown(ToolName tool, KnownTools tools) {
        return tool.isUndo()
                ? "`" + tool.server() + "` is no built-in server, which alone reads and puts back"
                : "no known tool is `" + tool + "`" + Suggestion.of(tool.toString(), tools.of(tool.server()));
    }

    private static boolean reads(ToolName tool, ToolCatalogue catalogue) {
        ToolCatalogue.Entry entry = catalogue.entries().get(tool.toString());
        return entry != null && entry.effect() == ToolEffect.READ;
    }

    /// Arguments that the called tool does not have, and places of arguments that the hooked tool does not have.
    private static void fields(Mention mention, Yaml.Mapping args, KnownTools tools) {
        properties(tools.of(mention.tool()))
                .ifPresent(known -> args.entries().forEach((name, entry) -> {
                    if (!known.contains(name))
                        mention.findings()
                                .error(
                                        entry.key(),
                                        "unknown-field",
                                        "`" + mention.tool() + "` has no argument `" + name + "`"
                                                + Suggestion.of(name, known));
                }));
        properties(tools.of(mention.hooked()))
                .ifPresent(known -> named(args)
                        .forEach(scalar -> new Template(
                                        JsonObject.with("text", scalar.value()).build())
                                .arguments().stream()
                                        .filter(name -> !known.contains(name))
                                        .forEach(name -> mention.findings()
                                                .error(
                                                        scalar.place(),
                                                        "unknown-field",
                                                        "`" + mention.hooked() + "` has no argument `" + name + "`"
                                                                + Suggestion.of(name, known)))));
    }

    private static Stream<Yaml.Scalar> named(Yaml yaml) {
        return switch (yaml) {
            case Yaml.Mapping mapping -> mapping.entries().values().stream().flatMap(entry -> named(entry.value()));
            case Yaml.Sequence sequence -> sequence.items().stream().flatMap(Mentions::named);
            case Yaml.Scalar scalar -> Stream.of(scalar);
        };
    }

    /// @return empty where the tool takes others too, or nothing is known of it
    private static Optional<Collection<String>> properties(ToolDefinition tool) {
        return tool.inputSchema()
                .flatMap(schema -> schema.object("properties"))
                .map(properties -> properties.members().keySet());
    }
}
