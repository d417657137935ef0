package dev.guardrail.pipeline;

import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.Sha256;
import dev.guardrail.call.ToolDefinition;
import dev.guardrail.call.ToolName;
import dev.guardrail.journal.Change;
import dev.guardrail.journal.Document;
import dev.guardrail.journal.Kind;
import java.util.List;
import java.util.Optional;

/// One tool's definition as the journal keeps it, and the one that waits for an operator, where there is one.
///
/// @param version of the document; 0 before it is written
/// @param accepted what may be called; empty where nobody accepted what was found in the first one
/// @param offered what the server says now; the tool is quarantined while it is there
record Pin(ToolName tool, long version, Optional<Definition> accepted, Optional<Definition> offered) {

    /// A definition as it is pinned, and its digest.
    ///
    /// @param findings what is wrong with it ([Inspection]), as it was seen first
    record Definition(JsonObject json, Sha256 digest, List<String> findings) {
        Definition {
            findings = List.copyOf(findings);
        }

        static Definition of(ToolName tool, JsonObject json, List<String> findings) {
            return new Definition(ToolDefinition.pinned(json), ToolDefinition.digest(tool, json), findings);
        }
    }

    /// Pinned at once where nothing is wrong with it, else quarantined.
    static Pin first(ToolName tool, Definition definition) {
        return definition.findings().isEmpty()
                ? new Pin(tool, 0, Optional.of(definition), Optional.empty())
                : new Pin(tool, 0, Optional.empty(), Optional.of(definition));
    }

    boolean quarantined() {
        return offered.isPresent();
    }

    /// What the server said last.
    Definition latest() {
        return offered.or(() -> accepted).orElseThrow(() -> new IllegalStateException("a pin of nothing: " + tool));
    }

    Pin offer(Definition definition) {
        return new Pin(tool, version, accepted, Optional.of(definition));
    }

    Pin accept(Definition definition) {
        return new Pin(tool, version, Optional.of(definition), Optional.empty());
    }

    /// This pin as it stands once it is written.
    Pin written() {
        return new Pin(tool, version + 1, accepted, offered);
    }

    Change change() {
        var value = JsonObject.builder();
        accepted.ifPresent(definition ->
                value.with("definition", definition.json()).with("findings", JsonArray.ofTexts(definition.findings())));
        offered.ifPresent(definition -> value.with("offered", definition.json())
                .with("offeredFindings", JsonArray.ofTexts(definition.findings())));
        var tags = new Document.Tags(
                null,
                quarantined() ? "quarantined" : "pinned",
                accepted.orElseGet(this::latest).digest().toString());
        return new Change.Put(Kind.TOOL, tool.toString(), version, tags, value.build());
    }

    static Pin read(Document document) {
        var tool = ToolName.parse(document.key());
        var accepted = read(tool, document.value(), "definition", "findings");
        var offered = read(tool, document.value(), "offered", "offeredFindings");
        if (accepted.isEmpty() && offered.isEmpty())
            throw new IllegalStateException("a pin without a definition: `" + tool + "`");
        return new Pin(tool, document.version(), accepted, offered);
    }

    private static Optional<Definition> read(ToolName tool, JsonObject value, String definition, String findings) {
        return value.object(definition)
                .map(json -> Definition.of(
                        tool, json, value.array(findings).map(JsonArray::texts).orElse(List.of())));
    }
}
