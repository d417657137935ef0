package dev.guardrail.server.wiring;

import dev.guardrail.base.JsonObject;
import dev.guardrail.call.UndoHook;
import dev.guardrail.pack.Fields;
import dev.guardrail.pack.Findings;
import dev.guardrail.pack.Yaml;
import dev.guardrail.server.wiring.Configuration.Server;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Reads servers of ours whose states a program of the operator's reads and puts back.
record ProgramReader(ConfigurationReader.Places places, Findings findings) {
    private static final JsonObject ANYTHING = JsonObject.with("type", "object").build();

    /// @param stdio the command and its variables, as any server's are read
    Optional<Server> read(Fields fields, Server.Stdio stdio) {
        int before = findings.all().size();
        List<Yaml> command = fields.listOrNone("command");
        Path program = path(stdio.command().getFirst()).orElse(Path.of(""));
        if (!program.isAbsolute())
            findings.error(
                    command.getFirst().place(),
                    "wrong-path",
                    "`command` of a `command` begins with the absolute path of a program");
        else if (Files.isDirectory(program) || Files.exists(program) && !Files.isExecutable(program))
            findings.error(
                    command.getFirst().place(),
                    "wrong-path",
                    "`" + program + "` is no program that the guard's user can run");
        var named = new NamedFiles(places.enclosures(), findings);
        if (program.isAbsolute()) named.program(program, command.getFirst().place());
        for (int i = 1; i < stdio.command().size(); i++)
            named.argument(stdio.command().get(i), command.get(i).place());
        JsonObject target = fields.value("target").flatMap(this::schema).orElse(ANYTHING);
        return findings.all().size() > before
                ? Optional.empty()
                : Optional.of(new Server.Command(stdio.command(), stdio.environment(), target));
    }

    static Optional<Path> path(String text) {
        try {
            return Optional.of(Path.of(text));
        } catch (InvalidPathException none) {
            return Optional.empty();
        }
    }

    private Optional<JsonObject> schema(Yaml yaml) {
        if (!(yaml instanceof Yaml.Mapping mapping)
                || mapping.json().text("type").filter("object"::equals).isEmpty()) {
            findings.error(
                    yaml.place(), "wrong-type", "a `target` here is a JSON Schema of an object: `{type: object, …}`");
            return Optional.empty();
        }
        JsonObject properties = mapping.json().object("properties").orElse(JsonObject.EMPTY);
        for (String word : UndoHook.RESERVED)
            if (properties.has(word))
                findings.error(
                        yaml.place(),
                        "wrong-name",
                        "`" + word + "` is the guard's own word; name it otherwise in `target`");
        return Optional.of(mapping.json());
    }
}
