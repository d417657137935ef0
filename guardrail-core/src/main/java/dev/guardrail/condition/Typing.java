package dev.guardrail.condition;

import dev.cel.common.Operator;
import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.ast.CelExpr.CelCall;
import dev.cel.common.types.CelType;
import dev.cel.common.types.CelTypeProvider;
import dev.cel.common.types.ListType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.types.StructType;
import dev.cel.common.types.StructTypeReference;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A quick proof that a common comparison is well typed. CEL's checker sets itself up anew for each condition, which
/// takes some fifteen times as long as reading it; with thousands of rules that is most of loading. What is not
/// proved here is left to the checker, which alone says what is wrong.
///
/// @param arguments type of `args`
/// @param types what [StructTypeReference] refers to
record Typing(CelType arguments, CelTypeProvider types) {
    private static final Set<CelType> ORDERED = Set.of(SimpleType.STRING, SimpleType.INT, SimpleType.DOUBLE);

    /// True where the checker would find nothing wrong with the expression as a condition.
    boolean proves(CelExpr condition) {
        return isTruth(type(condition));
    }

    private static boolean isTruth(@Nullable CelType type) {
        return type != null && (type.equals(SimpleType.BOOL) || type.equals(SimpleType.DYN));
    }

    /// @return null where it is not known here
    private @Nullable CelType type(CelExpr expression) {
        return switch (expression.getKind()) {
            case CONSTANT -> constant(expression.constant());
            case IDENT -> {
                String name = expression.ident().name();
                yield name.equals("args") ? arguments : Vocabulary.variable(name);
            }
            case SELECT -> {
                CelType field = field(
                        type(expression.select().operand()), expression.select().field());
                yield field != null && expression.select().testOnly() ? SimpleType.BOOL : field;
            }
            case CALL -> call(expression.call());
            default -> null;
        };
    }

    private static @Nullable CelType constant(CelConstant constant) {
        return switch (constant.getKind()) {
            case STRING_VALUE -> SimpleType.STRING;
            case INT64_VALUE -> SimpleType.INT;
            case DOUBLE_VALUE -> SimpleType.DOUBLE;
            case BOOLEAN_VALUE -> SimpleType.BOOL;
            default -> null;
        };
    }

    private @Nullable CelType field(@Nullable CelType container, String name) {
        if (container == null || container.equals(SimpleType.DYN)) return container;
        if (container instanceof MapType map) return map.valueType();
        if (!(container instanceof StructTypeReference reference)) return null;
        return types.findType(reference.name())
                .filter(StructType.class::isInstance)
                .flatMap(struct -> ((StructType) struct).findField(name))
                .map(StructType.Field::type)
                .orElse(null);
    }

    private @Nullable CelType call(CelCall call) {
        var operator = Operator.findReverse(call.function());
        if (operator.isEmpty()) return function(call) ? SimpleType.BOOL : null;
        List<CelExpr> args = call.args();
        boolean proved = switch (operator.get()) {
            case LOGICAL_AND, LOGICAL_OR, LOGICAL_NOT, CONDITIONAL ->
                args.stream().allMatch(arg -> isTruth(type(arg)));
            case EQUALS, NOT_EQUALS -> comparable(type(args.get(0)), type(args.get(1)), false);
            case LESS, LESS_EQUALS, GREATER, GREATER_EQUALS -> comparable(type(args.get(0)), type(args.get(1)), true);
            case IN -> in(type(args.get(0)), args.get(1));
            default -> false;
        };
        if (proved) return SimpleType.BOOL;
        return operator.get() == Operator.INDEX && isText(args.get(1))
                ? field(type(args.get(0)), args.get(1).constant().stringValue())
                : null;
    }

    /// Equal types, or one open; only numbers may be ordered across types.
    private static boolean comparable(@Nullable CelType one, @Nullable CelType other, boolean ordered) {
        if (one == null || other == null) return false;
        boolean open = one.equals(SimpleType.DYN) || other.equals(SimpleType.DYN);
        if (!ordered) return open || one instanceof SimpleType && one.equals(other);
        if (open) return isOrdered(one) && isOrdered(other);
        return one.equals(SimpleType.STRING) == other.equals(SimpleType.STRING) && isOrdered(one) && isOrdered(other);
    }

    private static boolean isOrdered(CelType type) {
        return ORDERED.contains(type) || type.equals(SimpleType.DYN);
    }

    private boolean in(@Nullable CelType element, CelExpr container) {
        if (element == null) return false;
        if (container.getKind() == CelExpr.ExprKind.Kind.LIST)
            return container.list().elements().stream().allMatch(item -> element.equals(type(item)));
        CelType type = type(container);
        if (type instanceof ListType list) return list.elemType().equals(element);
        return SimpleType.DYN.equals(type);
    }

    private boolean function(CelCall call) {
        CelExpr target = call.target().orElse(null);
        if (target == null || !call.args().stream().allMatch(arg -> isOpenText(type(arg)))) return false;
        return switch (call.function()) {
            case "startsWith", "endsWith", "contains", "matches" -> call.args().size() == 1 && isOpenText(type(target));
            case "within" -> call.args().size() == 2 && isIdent(target, "path");
            case "seen" -> call.args().size() == 1 && isIdent(target, "session");
            default -> false;
        };
    }

    private static boolean isOpenText(@Nullable CelType type) {
        return type != null && (type.equals(SimpleType.STRING) || type.equals(SimpleType.DYN));
    }

    private static boolean isText(CelExpr expression) {
        return Mentions.text(expression).isPresent();
    }

    private static boolean isIdent(CelExpr expression, String name) {
        return expression.getKind() == CelExpr.ExprKind.Kind.IDENT
                && expression.ident().name().equals(name);
    }
}
