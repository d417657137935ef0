package dev.guardrail.condition;

import com.google.common.collect.ImmutableCollection;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import dev.cel.common.CelOptions;
import dev.cel.common.types.CelType;
import dev.cel.common.types.CelTypeProvider;
import dev.cel.common.types.ListType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.types.StructType;
import dev.cel.common.types.StructTypeReference;
import dev.cel.compiler.CelCompiler;
import dev.cel.compiler.CelCompilerBuilder;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.parser.CelStandardMacro;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The names that conditions know, with their types, and the caps under which they are read and run.
final class Vocabulary {
    /// Longest condition, in code points.
    static final int MAX_LENGTH = 8_192;

    /// Items that all comprehensions of one evaluation may visit together.
    static final int MAX_ITERATIONS = 10_000;

    /// The same where a comprehension collects a list: CEL then walks through what it has at each step.
    static final int MAX_COLLECTED = 1_000;

    private static final CelOptions READING = CelOptions.current()
            .maxExpressionCodePointSize(MAX_LENGTH)
            .maxParseRecursionDepth(100)
            .maxParseErrorRecoveryLimit(5)
            .enableQuotedIdentifierSyntax(true)
            .enableHeterogeneousNumericComparisons(true)
            .build();

    private static final CelType TEXT = SimpleType.STRING;
    private static final CelType TEXTS = ListType.create(TEXT);

    private static final Map<String, StructType> STRUCTS = new LinkedHashMap<>();

    private static final CelType PAST_CALL = struct(
            "past call",
            Map.of("tool", TEXT, "args", SimpleType.DYN, "ok", SimpleType.BOOL, "time", SimpleType.TIMESTAMP));
    private static final CelType SESSION = struct(
            "object session",
            Map.of(
                    "id",
                    TEXT,
                    "task",
                    TEXT,
                    "taints",
                    TEXTS,
                    "calls",
                    ListType.create(PAST_CALL),
                    "irreversible",
                    SimpleType.INT));

    /// Every variable but `args`.
    private static final Map<String, CelType> VARIABLES = Map.of(
            "tool",
            struct(
                    "object tool",
                    Map.of(
                            "server",
                            TEXT,
                            "name",
                            TEXT,
                            "labels",
                            TEXTS,
                            "effect",
                            TEXT,
                            "annotations",
                            SimpleType.DYN,
                            "undo",
                            TEXT)),
            "agent",
            struct("object agent", Map.of("name", TEXT, "roles", TEXTS)),
            "user",
            TEXT,
            "session",
            SESSION,
            "call",
            struct("object call", Map.of("reason", TEXT, "risk", TEXT, "time", SimpleType.TIMESTAMP, "purpose", TEXT)));

    private Vocabulary() {}

    /// The name has a space, so that no expression can mention it.
    @SuppressWarnings("Immutable") // the fields are an immutable map
    private static CelType struct(String name, Map<String, CelType> fields) {
        STRUCTS.put(
                name,
                StructType.create(
                        name, ImmutableSet.copyOf(fields.keySet()), field -> Optional.ofNullable(fields.get(field))));
        return StructTypeReference.create(name);
    }

    /// Names of variables and of the namespaces of functions, for suggestions.
    static Set<String> names() {
        return Set.of(
                "args",
                "tool",
                "agent",
                "user",
                "session",
                "call",
                "path.within",
                "path.real",
                "url.host",
                "url.isPublic",
                "net.inCidr",
                "has",
                "size",
                "matches",
                "startsWith",
                "endsWith",
                "contains",
                "all",
                "exists",
                "exists_one",
                "map",
                "filter",
                "timestamp",
                "duration");
    }

    /// Functions of a namespace, `path.within` of `path`; empty where it is none.
    static List<String> functions(String namespace) {
        return names().stream()
                .filter(name -> name.startsWith(namespace + "."))
                .sorted()
                .toList();
    }

    /// Fields of a variable other than `args`; empty where it has none.
    static Set<String> fields(String variable) {
        var struct = STRUCTS.get("object " + variable);
        return struct == null ? Set.of() : struct.fieldNames();
    }

    /// Type of a variable other than `args`; null where there is none.
    static @Nullable CelType variable(String name) {
        return VARIABLES.get(name);
    }

    /// What the types of variables refer to, and those of a schema.
    static CelTypeProvider types(Optional<SchemaTypes> schema) {
        return new Types(schema);
    }

    /// Options of the runtime for conditions that collect lists, or for others.
    static CelOptions running(boolean collects) {
        return READING.toBuilder()
                .comprehensionMaxIterations(collects ? MAX_COLLECTED : MAX_ITERATIONS)
                .build();
    }

    /// A compiler to which arguments may be anything.
    static CelCompiler open(Optional<CelType> result) {
        return compiler(SimpleType.DYN, new Types(Optional.empty()), result);
    }

    /// A compiler to which arguments are what a schema says.
    static CelCompiler checked(SchemaTypes schema, Optional<CelType> result) {
        return compiler(schema.arguments(), new Types(Optional.of(schema)), result);
    }

    private static CelCompiler compiler(CelType arguments, CelTypeProvider types, Optional<CelType> result) {
        CelCompilerBuilder builder = CelCompilerFactory.standardCelCompilerBuilder()
                .setOptions(READING)
                .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
                .setTypeProvider(types)
                .addVar("args", arguments)
                .addFunctionDeclarations(Functions.declarations(SESSION));
        VARIABLES.forEach(builder::addVar);
        result.ifPresent(builder::setResultType);
        return builder.build();
    }

    private record Types(Optional<SchemaTypes> schema) implements CelTypeProvider {
        @Override
        public ImmutableCollection<CelType> types() {
            return ImmutableList.<CelType>copyOf(STRUCTS.values());
        }

        @Override
        public Optional<CelType> findType(String name) {
            Optional<CelType> own = Optional.ofNullable(STRUCTS.get(name));
            return own.isPresent() ? own : schema.flatMap(types -> types.findType(name));
        }
    }
}
