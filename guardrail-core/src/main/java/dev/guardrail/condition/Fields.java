package dev.guardrail.condition;

import com.google.common.collect.ImmutableList;
import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.Operator;
import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.ast.CelExpr.CelComprehension;

/// Rewrites constant indexes, `args["x"]`, as fields, `args.x`, so that the checker looks them up in the schema.
/// Only what is checked is rewritten, never what runs.
final class Fields {
    private Fields() {}

    static CelAbstractSyntaxTree of(CelAbstractSyntaxTree parsed) {
        return CelAbstractSyntaxTree.newParsedAst(of(parsed.getExpr()), parsed.getSource());
    }

    private static CelExpr of(CelExpr expression) {
        return switch (expression.getKind()) {
            case SELECT -> {
                var select = expression.select();
                yield CelExpr.ofSelect(expression.id(), of(select.operand()), select.field(), select.testOnly());
            }
            case CALL -> call(expression);
            case LIST ->
                CelExpr.ofList(
                        expression.id(),
                        of(expression.list().elements()),
                        expression.list().optionalIndices());
            case MAP ->
                CelExpr.ofMap(
                        expression.id(),
                        expression.map().entries().stream()
                                .map(entry -> CelExpr.ofMapEntry(
                                        entry.id(), of(entry.key()), of(entry.value()), entry.optionalEntry()))
                                .collect(ImmutableList.toImmutableList()));
            case COMPREHENSION -> comprehension(expression);
            case CONSTANT, IDENT, STRUCT, NOT_SET -> expression;
        };
    }

    private static CelExpr call(CelExpr expression) {
        var call = expression.call();
        boolean index = call.function().equals(Operator.INDEX.getFunction());
        if (index && call.args().size() == 2 && isText(call.args().get(1)))
            return CelExpr.ofSelect(
                    expression.id(),
                    of(call.args().get(0)),
                    call.args().get(1).constant().stringValue(),
                    false);
        return CelExpr.ofCall(expression.id(), call.target().map(Fields::of), call.function(), of(call.args()));
    }

    private static CelExpr comprehension(CelExpr expression) {
        CelComprehension loop = expression.comprehension();
        return expression.toBuilder()
                .setComprehension(loop.toBuilder()
                        .setIterRange(of(loop.iterRange()))
                        .setAccuInit(of(loop.accuInit()))
                        .setLoopCondition(of(loop.loopCondition()))
                        .setLoopStep(of(loop.loopStep()))
                        .setResult(of(loop.result()))
                        .build())
                .build();
    }

    private static ImmutableList<CelExpr> of(ImmutableList<CelExpr> expressions) {
        return expressions.stream().map(Fields::of).collect(ImmutableList.toImmutableList());
    }

    private static boolean isText(CelExpr expression) {
        return expression.getKind() == CelExpr.ExprKind.Kind.CONSTANT
                && expression.constant().getKind() == CelConstant.Kind.STRING_VALUE;
    }
}
