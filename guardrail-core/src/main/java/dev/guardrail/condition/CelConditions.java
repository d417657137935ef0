package dev.guardrail.condition;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelIssue;
import dev.cel.common.CelSource;
import dev.cel.common.CelValidationException;
import dev.cel.common.CelValidationResult;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.types.CelType;
import dev.cel.common.types.SimpleType;
import dev.cel.compiler.CelCompiler;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.Program;
import dev.guardrail.base.JsonObject;
import dev.guardrail.call.ToolDefinition;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;

/// Compiles the conditions of policies: reads them, checks them against the input schema of each tool that their
/// rule matches, and makes them plain predicates where it can, else CEL programs over dynamic values.
/// Safe for use by many threads; one instance serves one loading of policies.
public final class CelConditions {
    private static final Typing OPEN = new Typing(SimpleType.DYN, Vocabulary.types(Optional.empty()));

    private final Functions functions = new Functions();
    private final CelRuntime searching = functions.runtime(Vocabulary.running(false));
    private final CelRuntime collecting = functions.runtime(Vocabulary.running(true));
    private final Schemas conditions = new Schemas(Optional.of(SimpleType.BOOL));
    private final Schemas values = new Schemas(Optional.empty());

    /// @param source CEL that yields a boolean
    /// @param matched tools that the rule's `match` names, as far as they are known when policies are loaded
    public Compiled compile(String source, Collection<ToolDefinition> matched) {
        var reading = read(source, matched, conditions);
        if (reading.fails()) return new Compiled(Optional.empty(), reading.findings);
        var mentions = reading.mentions();
        Predicate lowered = new Lowering(functions).lower(reading.parsed().getExpr());
        Condition condition = lowered != null
                ? new Lowered(lowered, mentions.paths(), mentions.turns(), mentions.irreversible())
                : new CelCondition(program(reading), mentions.paths(), mentions.turns(), mentions.irreversible());
        return new Compiled(Optional.of(condition), reading.findings);
    }

    /// @param source CEL that yields a value which JSON can hold
    /// @param matched as for [#compile]
    public CompiledValue compileValue(String source, Collection<ToolDefinition> matched) {
        var reading = read(source, matched, values);
        if (reading.fails()) return new CompiledValue(Optional.empty(), reading.findings);
        var expression = new CelExpression(
                program(reading), reading.mentions().paths(), reading.mentions().irreversible());
        return new CompiledValue(Optional.of(expression), reading.findings);
    }

    /// The same condition without lowering, to hold the two against each other.
    Condition onCel(String source) {
        var reading = read(source, List.of(), conditions);
        if (reading.fails()) throw new IllegalArgumentException(reading.findings.toString());
        var mentions = reading.mentions();
        return new CelCondition(program(reading), mentions.paths(), mentions.turns(), mentions.irreversible());
    }

    /// A program of the tree as it was parsed: checking picks overloads for types that it has guessed, and a JSON value
    /// of another type would then fail where it should compare.
    private Program program(Reading reading) {
        try {
            var runtime = reading.mentions().collects() ? collecting : searching;
            return runtime.createProgram(reading.parsed());
        } catch (CelEvaluationException broken) {
            throw new IllegalStateException("a checked condition cannot be planned", broken);
        }
    }

    /// Parses, looks for what needs no types, checks with open arguments, then against each tool.
    private Reading read(String source, Collection<ToolDefinition> matched, Schemas schemas) {
        var reading = new Reading(source);
        if (source.codePointCount(0, source.length()) > Vocabulary.MAX_LENGTH) {
            reading.findings.add(Finding.error(
                    "too-long", 0, 0, "a condition has at most " + Vocabulary.MAX_LENGTH + " characters"));
            return reading;
        }
        try {
            reading.parse(schemas.open);
            if (!reading.fails()) reading.walk(functions);
            boolean proved = schemas.result.isPresent()
                    && !reading.fails()
                    && OPEN.proves(reading.parsed().getExpr());
            if (!reading.fails() && !proved) reading.check(schemas.open);
            if (!reading.fails() && reading.mentions().arguments()) new Tools(reading, matched, schemas).check();
        } catch (StackOverflowError tooDeep) {
            reading.findings.add(Finding.error("syntax", 0, 0, "the condition nests too deeply"));
        }
        reading.findings.sort(Comparator.comparingInt(Finding::line).thenComparingInt(Finding::column));
        return reading;
    }

    /// Compilers by schema: making one costs more than checking with it.
    private static final class Schemas {
        /// Schemas that are kept; more than a guard has tools.
        private static final int MAX_KEPT = 4_096;

        private final Optional<CelType> result;
        private final CelCompiler open;
        private final IdentityHashMap<JsonObject, Checker> bySchema = new IdentityHashMap<>();

        private Schemas(Optional<CelType> result) {
            this.result = result;
            this.open = Vocabulary.open(result);
        }

        private synchronized Checker of(JsonObject schema) {
            if (bySchema.size() == MAX_KEPT) bySchema.clear();
            return bySchema.computeIfAbsent(schema, absent -> {
                var types = new SchemaTypes(absent);
                var typing = new Typing(types.arguments(), Vocabulary.types(Optional.of(types)));
                return new Checker(types, typing, Vocabulary.checked(types, result));
            });
        }
    }

    private record Checker(SchemaTypes types, Typing typing, CelCompiler compiler) {

        /// One check at a time: the types of a schema are worked out as they are asked for.
        ///
        /// @param quickly whether the expression is a condition, which may be proved right without the checker
        private synchronized List<CelIssue> check(CelAbstractSyntaxTree parsed, boolean quickly) {
            if (quickly && typing.proves(parsed.getExpr())) return List.of();
            return compiler.check(parsed).getErrors();
        }
    }

    /// One condition on its way through the compiler.
    private static final class Reading {
        private final String source;
        private final List<Finding> findings = new ArrayList<>();
        private Optional<CelAbstractSyntaxTree> parsed = Optional.empty();
        private Optional<Mentions> mentions = Optional.empty();

        private Reading(String source) {
            this.source = source;
        }

        private boolean fails() {
            return findings.stream().anyMatch(Finding::isError);
        }

        private CelAbstractSyntaxTree parsed() {
            return parsed.orElseThrow();
        }

        private Mentions mentions() {
            return mentions.orElseThrow();
        }

        private void parse(CelCompiler compiler) {
            var result = compiler.parse(source);
            var wording = new Wording(source, Optional.empty(), Optional.empty());
            // What CEL says after the first is about its own attempts to go on.
            result.getErrors().stream().limit(1).forEach(issue -> findings.add(wording.syntax(issue)));
            if (findings.isEmpty()) parsed = Optional.of(tree(result));
        }

        private void walk(Functions functions) {
            var found = Mentions.of(parsed().getExpr(), functions);
            mentions = Optional.of(found);
            for (var flaw : found.flaws()) {
                int[] at = position(flaw.expression());
                findings.add(Finding.error(flaw.code(), at[0], at[1], flaw.message()));
            }
        }

        private void check(CelCompiler compiler) {
            var wording = new Wording(source, mentions, Optional.empty());
            for (CelIssue issue : compiler.check(parsed()).getErrors()) {
                var finding = wording.type(issue);
                boolean said = !findings.isEmpty() && follows(findings.getLast(), finding);
                if (!said) findings.add(finding);
            }
        }

        /// True where CEL says of the function what was just said of its namespace.
        private static boolean follows(Finding first, Finding second) {
            return first.code().equals("unknown-name")
                    && second.code().equals("unknown-name")
                    && first.line() == second.line()
                    && first.message().contains("` has only `");
        }

        /// Line and column, both from 0; a call without a target stands where its name begins.
        private int[] position(CelExpr expression) {
            CelSource text = parsed().getSource();
            int offset = text.getPositionsMap().getOrDefault(expression.id(), 0);
            boolean named = expression.getKind() == CelExpr.ExprKind.Kind.CALL
                    && expression.call().target().isEmpty();
            int start = named ? offset - expression.call().function().length() : offset;
            return text.getOffsetLocation(Math.max(0, start))
                    .map(at -> new int[] {Math.max(0, at.getLine() - 1), Math.max(0, at.getColumn())})
                    .orElse(new int[] {0, 0});
        }

        private static CelAbstractSyntaxTree tree(CelValidationResult result) {
            try {
                return result.getAst();
            } catch (CelValidationException impossible) {
                throw new IllegalStateException("no errors, and yet no tree", impossible);
            }
        }
    }

    /// A condition held against the schema of each tool: what is wrong for every tool is an error, what is wrong for
    /// some is a warning.
    private record Tools(Reading reading, Collection<ToolDefinition> matched, Schemas schemas) {
        private record Place(String code, int line, int column) {}

        private record Wrong(Finding finding, ToolDefinition tool) {}

        private void check() {
            var rewritten = Fields.of(reading.parsed());
            var wrong = new LinkedHashMap<Place, List<Wrong>>();
            for (var tool : matched) {
                if (!SchemaTypes.describes(tool.inputSchema())) {
                    unknown(tool);
                    continue;
                }
                var checker = schemas.of(tool.inputSchema().orElseThrow());
                var wording = new Wording(reading.source, reading.mentions, Optional.of(checker.types()));
                for (CelIssue issue : checker.check(rewritten, schemas.result.isPresent())) {
                    var finding = wording.type(issue);
                    var place = new Place(finding.code(), finding.line(), finding.column());
                    wrong.computeIfAbsent(place, absent -> new ArrayList<>()).add(new Wrong(finding, tool));
                }
            }
            wrong.values().forEach(this::conclude);
        }

        private void unknown(ToolDefinition tool) {
            reading.findings.add(Finding.warning(
                    "unknown-schema",
                    0,
                    0,
                    "the arguments of `" + tool.name() + "` are not checked: its schema is unknown"));
        }

        private void conclude(List<Wrong> all) {
            var first = all.getFirst().finding();
            long tools = all.stream().map(Wrong::tool).distinct().count();
            String message = first.message() + " (arguments of `"
                    + all.getFirst().tool().name() + "`" + (tools > 1 ? " and " + (tools - 1) + " more" : "") + ")";
            boolean everywhere = tools == matched.size() && first.isError();
            reading.findings.add(
                    everywhere
                            ? Finding.error(first.code(), first.line(), first.column(), message)
                            : Finding.warning(first.code(), first.line(), first.column(), message));
        }
    }
}
