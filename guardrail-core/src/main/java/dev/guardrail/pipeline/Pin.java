package dev.guardrail.pipeline;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.Sha256;
import dev.guardrail.call.ToolDefinition;
import dev.guardrail.call.ToolName;
import dev.guardrail.journal.Change;
import dev.guardrail.journal.Document;
import dev.guardrail.journal.Kind;
import java.util.Optional;

/// One tool's definition as the journal keeps it, and the changed one that waits for an operator, where there is
/// one.
///
/// @param version of the document; 0 before it is written
/// @param accepted what may be called
/// @param offered what the server says now; the tool is quarantined while it is there
record Pin(ToolName tool, long version, Definition accepted, Optional<Definition> offered) {

    /// A definition as it is pinned, and its digest.
    record Definition(JsonObject json, Sha256 digest) {
        static Definition of(ToolName tool, JsonObject json) {
            return new Definition(ToolDefinition.pinned(json), ToolDefinition.digest(tool, json));
        }
    }

    static Pin first(ToolName tool, Definition definition) {
        return new Pin(tool, 0, definition, Optional.empty());
    }

    boolean quarantined() {
        return offered.isPresent();
    }

    Pin offer(Definition definition) {
        return new Pin(tool, version, accepted, Optional.of(definition));
    }

    Pin accept(Definition definition) {
        return new Pin(tool, version, definition, Optional.empty());
    }

    /// This pin as it stands once it is written.
    Pin written() {
        return new Pin(tool, version + 1, accepted, offered);
    }

    Change change() {
        var value = JsonObject.with("definition", accepted.json());
        offered.ifPresent(definition -> value.with("offered", definition.json()));
        var tags = new Document.Tags(
                null,
                quarantined() ? "quarantined" : "pinned",
                accepted.digest().toString());
        return new Change.Put(Kind.TOOL, tool.toString(), version, tags, value.build());
    }

    static Pin read(Document document) {
        var tool = ToolName.parse(document.key());
        var accepted = document.value()
                .object("definition")
                .orElseThrow(() -> new IllegalStateException("a pin without a definition: `" + tool + "`"));
        return new Pin(
                tool,
                document.version(),
                Definition.of(tool, accepted),
                document.value().object("offered").map(json -> Definition.of(tool, json)));
    }
}
