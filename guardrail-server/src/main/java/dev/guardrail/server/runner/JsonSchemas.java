package dev.guardrail.server.runner;

import com.networknt.schema.ExecutionContext;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.dialect.Dialect;
import com.networknt.schema.dialect.Dialects;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonWriter;
import dev.guardrail.base.Printable;
import dev.guardrail.base.Sha256;
import dev.guardrail.call.ToolDefinition;
import dev.guardrail.call.ToolName;
import dev.guardrail.pipeline.Schemas;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Argument checks by JSON Schema: 2020-12, or what `$schema` says of 2019-09, draft-07 and draft-06. A schema
/// that cannot be used fits nothing. Nothing is fetched; `format` is an annotation; patterns are RE2; steps and
/// depth are capped.
public final class JsonSchemas implements Schemas {
    private static final Logger LOG = LoggerFactory.getLogger(JsonSchemas.class);

    private static final List<Dialect> DIALECTS =
            List.of(Dialects.getDraft202012(), Dialects.getDraft201909(), Dialects.getDraft7(), Dialects.getDraft6());

    private static final SchemaRegistryConfig CONFIG = SchemaRegistryConfig.builder()
            .regularExpressionFactory(Re2Patterns::compile)
            .formatAssertionsEnabled(false)
            .losslessNarrowing(true)
            .failFast(true)
            .locale(Locale.ENGLISH)
            .build();

    private static final int COMPILED = 2_000;
    private static final int SCHEMA_BYTES = 256 * 1024;
    private static final long STEPS = 1_000_000;
    private static final int DEPTH = 200;
    private static final int SENTENCE = 500;

    private final Map<Key, Compiled> compiled = new ConcurrentHashMap<>();

    private record Key(ToolName tool, Sha256 digest) {}

    /// @param source what it was compiled from: the operator's schema may change under an unchanged definition
    /// @param schema empty where the source cannot be used
    private record Compiled(JsonObject source, Optional<Schema> schema) {}

    @Override
    public Optional<String> violation(ToolDefinition tool, JsonObject arguments) {
        if (tool.inputSchema().isEmpty()) return Optional.empty();
        var schema = compiled(tool, tool.inputSchema().get()).schema();
        if (schema.isEmpty()) return unusable();
        try {
            var errors = schema.get().validate(JsonNodes.of(arguments), JsonSchemas::bounded);
            return errors.isEmpty() ? Optional.empty() : Optional.of(sentence(errors.getFirst()));
        } catch (RuntimeException | StackOverflowError fault) {
            LOG.debug(
                    "the input schema of `{}` cannot be applied: {}",
                    Printable.text(tool.name().toString()),
                    printable(fault));
            return unusable();
        }
    }

    private static void bounded(ExecutionContext context) {
        context.executionConfig(config -> config.maxEvaluationSteps(STEPS).maxEvaluationDepth(DEPTH));
    }

    private static Optional<String> unusable() {
        return Optional.of("the tool's input schema cannot be applied to these arguments, so they do not pass");
    }

    private static String sentence(com.networknt.schema.Error error) {
        String text = "the arguments do not fit the tool's schema: at `" + error.getInstanceLocation() + "`, "
                + error.getMessage();
        return text.length() > SENTENCE ? text.substring(0, SENTENCE) + "…" : text;
    }

    private Compiled compiled(ToolDefinition tool, JsonObject source) {
        var key = new Key(tool.name(), tool.digest());
        var known = compiled.get(key);
        if (known != null && known.source().equals(source)) return known;
        if (compiled.size() >= COMPILED) compiled.clear();
        var fresh = new Compiled(source, compile(tool.name(), source));
        compiled.put(key, fresh);
        return fresh;
    }

    private static Optional<Schema> compile(ToolName tool, JsonObject source) {
        try {
            if (JsonWriter.bytes(source).length > SCHEMA_BYTES)
                throw new IllegalArgumentException("it has more than " + SCHEMA_BYTES + " bytes");
            // A registry of its own: schemas of different servers may claim the same `$id`.
            var registry = SchemaRegistry.withDialects(
                    DIALECTS,
                    builder -> builder.schemaRegistryConfig(CONFIG)
                            .schemaCacheEnabled(false)
                            .schemaLoader(
                                    loader -> loader.fetchRemoteResources(false).block(any -> true)));
            return Optional.of(registry.getSchema(JsonNodes.of(source)));
        } catch (RuntimeException | StackOverflowError fault) {
            LOG.warn("the input schema of `{}` cannot be used: {}", Printable.text(tool.toString()), printable(fault));
            return Optional.empty();
        }
    }

    /// The fault in a line: its message may quote the schema, which a server wrote.
    private static String printable(Throwable fault) {
        return Printable.text(fault.toString(), SENTENCE);
    }
}
