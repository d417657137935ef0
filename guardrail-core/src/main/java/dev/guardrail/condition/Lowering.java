package dev.guardrail.condition;

import dev.cel.common.Operator;
import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.ast.CelExpr.CelCall;
import dev.guardrail.base.Json;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonNull;
import dev.guardrail.base.JsonObject;
import dev.guardrail.condition.Predicate.Operand;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.function.Function;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/// Turns the parsed form of common comparisons into plain predicates, with exactly the answers of CEL. Whatever is
/// not known here is left to CEL as a whole: null.
final class Lowering {
    /// Regular expressions that one lowered condition may hold; more share one evaluation's steps on CEL.
    private static final int MAX_PATTERNS = 4;

    private final Functions functions;
    private int regexes;

    Lowering(Functions functions) {
        this.functions = functions;
    }

    @Nullable
    Predicate lower(CelExpr expression) {
        return switch (expression.getKind()) {
            case CONSTANT ->
                expression.constant().getKind() == CelConstant.Kind.BOOLEAN_VALUE
                        ? Predicate.constant(expression.constant().booleanValue())
                        : null;
            case SELECT -> {
                Operand argument = argument(
                        expression.select().testOnly() ? expression.select().operand() : expression);
                if (argument == null) yield null;
                yield expression.select().testOnly()
                        ? Predicate.has(argument, expression.select().field())
                        : Predicate.flag(argument);
            }
            case CALL -> call(expression, expression.call());
            default -> null;
        };
    }

    private @Nullable Predicate call(CelExpr expression, CelCall call) {
        var operator = Operator.findReverse(call.function());
        if (operator.isEmpty()) return function(call);
        List<CelExpr> args = call.args();
        return switch (operator.get()) {
            case LOGICAL_AND -> both(args, Predicate::and);
            case LOGICAL_OR -> both(args, Predicate::or);
            case LOGICAL_NOT -> negated(lower(args.getFirst()));
            case CONDITIONAL -> choice(args);
            case EQUALS -> equal(args.get(0), args.get(1));
            case NOT_EQUALS -> negated(equal(args.get(0), args.get(1)));
            case LESS -> ordered(args, order -> order < 0);
            case LESS_EQUALS -> ordered(args, order -> order <= 0);
            case GREATER -> ordered(args, order -> order > 0);
            case GREATER_EQUALS -> ordered(args, order -> order >= 0);
            case IN -> in(args.get(0), args.get(1));
            case INDEX -> {
                Operand argument = argument(expression);
                yield argument == null ? null : Predicate.flag(argument);
            }
            default -> null;
        };
    }

    private interface Joint {
        Predicate of(Predicate left, Predicate right);
    }

    private @Nullable Predicate both(List<CelExpr> args, Joint joint) {
        Predicate left = lower(args.get(0));
        Predicate right = left == null ? null : lower(args.get(1));
        return left == null || right == null ? null : joint.of(left, right);
    }

    private @Nullable Predicate choice(List<CelExpr> args) {
        Predicate condition = lower(args.get(0));
        Predicate then = lower(args.get(1));
        Predicate otherwise = lower(args.get(2));
        if (condition == null || then == null || otherwise == null) return null;
        return Predicate.choose(condition, then, otherwise);
    }

    private static @Nullable Predicate negated(@Nullable Predicate predicate) {
        return predicate == null ? null : Predicate.not(predicate);
    }

    private @Nullable Predicate equal(CelExpr left, CelExpr right) {
        Operand one = operand(left);
        Operand other = operand(right);
        if (one != null && other != null) return Predicate.equal(one, other);
        Object constant = constant(one == null ? left : right);
        Operand read = one == null ? other : one;
        return read == null || constant == null ? null : Predicate.equal(read, constant);
    }

    private @Nullable Predicate ordered(List<CelExpr> args, IntPredicate wanted) {
        Operand one = operand(args.get(0));
        Operand other = operand(args.get(1));
        if (one != null && other != null) return Predicate.ordered(one, other, wanted);
        Object constant = constant(args.get(one == null ? 0 : 1));
        if (constant == null) return null;
        if (one != null) return Predicate.ordered(one, constant, wanted);
        return other == null ? null : Predicate.ordered(other, constant, order -> wanted.test(-order));
    }

    private @Nullable Predicate in(CelExpr element, CelExpr container) {
        Operand value = operand(element);
        if (value != null && container.getKind() == CelExpr.ExprKind.Kind.LIST) {
            var constants = new ArrayList<Object>();
            for (CelExpr item : container.list().elements()) {
                Object constant = constant(item);
                if (constant == null) return null;
                constants.add(constant);
            }
            return Predicate.oneOf(value, List.copyOf(constants));
        }
        Object constant = constant(element);
        if (constant == null) return null;
        Operand items = argument(container);
        if (items != null) return Predicate.holds(items, constant);
        var set = set(container);
        return set != null && constant instanceof String text ? Predicate.member(set, text) : null;
    }

    private @Nullable Predicate function(CelCall call) {
        CelExpr target = call.target().orElse(null);
        if (target == null || call.args().isEmpty()) return null;
        CelExpr last = call.args().getLast();
        if (call.args().size() == 2) {
            boolean within = isIdent(target, "path") && call.function().equals("within");
            Operand path = within ? operand(call.args().getFirst()) : null;
            return path != null && constant(last) instanceof String directory && Functions.isPlainDirectory(directory)
                    ? Predicate.within(path, directory)
                    : null;
        }
        if (call.function().equals("seen") && isIdent(target, "session"))
            return constant(last) instanceof String tool
                    ? Predicate.member(facts -> facts.session().seen(), tool)
                    : null;
        Operand text = operand(target);
        return text == null ? null : search(call.function(), text, last);
    }

    private @Nullable Predicate search(String function, Operand text, CelExpr other) {
        if (function.equals("matches")) {
            if (!(constant(other) instanceof String pattern) || ++regexes > MAX_PATTERNS) return null;
            return Predicate.finds(text, functions.pattern(pattern));
        }
        BiPredicate<String, String> relation = switch (function) {
            case "startsWith" -> String::startsWith;
            case "endsWith" -> String::endsWith;
            case "contains" -> Texts::contains;
            default -> null;
        };
        if (relation == null) return null;
        if (constant(other) instanceof String constant) return Predicate.text(text, constant, relation);
        Operand operand = operand(other);
        return operand == null ? null : Predicate.texts(text, operand, relation);
    }

    /// A constant as `String`, `Long`, `Double`, `Boolean` or [JsonNull].
    private static @Nullable Object constant(CelExpr expression) {
        if (expression.getKind() != CelExpr.ExprKind.Kind.CONSTANT) return null;
        CelConstant constant = expression.constant();
        return switch (constant.getKind()) {
            case STRING_VALUE -> constant.stringValue();
            case INT64_VALUE -> constant.int64Value();
            case DOUBLE_VALUE -> isPlain(constant.doubleValue()) ? constant.doubleValue() : null;
            case BOOLEAN_VALUE -> constant.booleanValue();
            case NULL_VALUE -> JsonNull.NULL;
            default -> null;
        };
    }

    /// Finite and not minus zero: others compare in ways of their own.
    private static boolean isPlain(double value) {
        return Double.isFinite(value) && (value != 0 || 1 / value > 0);
    }

    private static @Nullable Operand operand(CelExpr expression) {
        Operand argument = argument(expression);
        return argument != null ? argument : text(expression);
    }

    /// A path below `args`, by names and constant indexes.
    private static @Nullable Operand argument(CelExpr expression) {
        if (isIdent(expression, "args"))
            return facts -> facts.request().action().arguments();
        if (expression.getKind() == CelExpr.ExprKind.Kind.SELECT) {
            var select = expression.select();
            return select.testOnly() ? null : member(argument(select.operand()), select.field());
        }
        if (expression.getKind() != CelExpr.ExprKind.Kind.CALL) return null;
        CelCall call = expression.call();
        if (!call.function().equals(Operator.INDEX.getFunction())) return null;
        Operand container = argument(call.args().get(0));
        return switch (constant(call.args().get(1))) {
            case String name -> member(container, name);
            case Long index -> item(container, index);
            case null, default -> null;
        };
    }

    private static @Nullable Operand member(@Nullable Operand parent, String name) {
        if (parent == null) return null;
        return facts -> parent.read(facts) instanceof JsonObject object
                ? object.members().get(name)
                : null;
    }

    private static @Nullable Operand item(@Nullable Operand parent, long index) {
        if (parent == null) return null;
        return facts -> parent.read(facts) instanceof JsonArray(List<Json> items) && index >= 0 && index < items.size()
                ? items.get((int) index)
                : null;
    }

    /// A text of the facts beside the arguments.
    private static @Nullable Operand text(CelExpr expression) {
        if (isIdent(expression, "user"))
            return facts -> facts.request().subject().user().orElse(null);
        return switch (selected(expression)) {
            case "agent.name" -> facts -> facts.request().subject().agent();
            case "tool.server" ->
                facts -> facts.request().resource().tool().name().server();
            case "tool.name" ->
                facts -> facts.request().resource().tool().name().name();
            case "tool.effect" ->
                facts -> facts.request().resource().tool().effect().text();
            case "call.reason" -> facts -> facts.request().context().reason();
            case "call.risk" -> facts -> facts.request().context().risk().text();
            case "call.purpose" -> facts -> facts.request().context().purpose().text();
            case "session.id" -> facts -> facts.session().id().value();
            case "session.task" -> facts -> facts.session().task();
            default -> null;
        };
    }

    private static @Nullable Function<Facts, Set<String>> set(CelExpr expression) {
        return switch (selected(expression)) {
            case "agent.roles" -> facts -> facts.request().subject().roles();
            case "tool.labels" -> facts -> facts.request().resource().tool().labels();
            case "session.taints" -> facts -> facts.session().taints();
            default -> null;
        };
    }

    /// `name.field` where the expression is just that; else empty.
    private static String selected(CelExpr expression) {
        if (expression.getKind() != CelExpr.ExprKind.Kind.SELECT
                || expression.select().testOnly()) return "";
        CelExpr operand = expression.select().operand();
        return operand.getKind() == CelExpr.ExprKind.Kind.IDENT
                ? operand.ident().name() + "." + expression.select().field()
                : "";
    }

    private static boolean isIdent(CelExpr expression, String name) {
        return expression.getKind() == CelExpr.ExprKind.Kind.IDENT
                && expression.ident().name().equals(name);
    }
}
