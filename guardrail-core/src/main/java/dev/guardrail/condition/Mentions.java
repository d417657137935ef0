package dev.guardrail.condition;

import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.ast.CelExpr.CelCall;
import dev.cel.common.ast.CelExpr.CelComprehension;
import dev.cel.common.ast.CelExpr.CelSelect;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What a parsed condition speaks of, found by walking it once; names that a comprehension binds are its own.
final class Mentions {
    /// Known by name in the contract, but not carried out by this version.
    private static final Set<String> NOT_BUILT =
            Set.of("impact", "origin", "authorised", "session.spent", "session.count");

    /// What of a session its calls do not turn back.
    private static final Set<String> FIXED =
            Set.of("session.id", "session.task", "session.taints", "session.irreversible");

    /// Namespaces of functions known by name, none of them carried out by this version.
    private static final Set<String> NOT_BUILT_SPACES = Set.of("shell", "sql", "secrets");

    /// Something wrong that needs no types to see.
    ///
    /// @param expression where it stands
    record Flaw(CelExpr expression, String code, String message) {}

    private final Functions functions;
    private final List<Flaw> flaws = new ArrayList<>();
    private final Map<Long, CelExpr> byId = new HashMap<>();
    private final Map<String, Integer> bound = new HashMap<>();
    private boolean arguments;
    private boolean paths;
    private boolean turns;
    private boolean collects;
    private boolean irreversible;

    private Mentions(Functions functions) {
        this.functions = functions;
    }

    static Mentions of(CelExpr expression, Functions functions) {
        var mentions = new Mentions(functions);
        mentions.walk(expression);
        return mentions;
    }

    List<Flaw> flaws() {
        return flaws;
    }

    boolean arguments() {
        return arguments;
    }

    /// True where a function of paths is called.
    boolean paths() {
        return paths;
    }

    /// True where the session's calls, the time, or what the agent says beside its arguments is read.
    boolean turns() {
        return turns;
    }

    /// True where `session.irreversible` is read, or may be.
    boolean irreversible() {
        return irreversible;
    }

    /// True where a comprehension makes a list, as `map` and `filter` do.
    boolean collects() {
        return collects;
    }

    Optional<CelExpr> expression(long id) {
        return Optional.ofNullable(byId.get(id));
    }

    private void walk(CelExpr expression) {
        byId.put(expression.id(), expression);
        switch (expression.getKind()) {
            case IDENT -> ident(expression);
            case SELECT -> select(expression.select());
            case CALL -> call(expression, expression.call());
            case LIST -> expression.list().elements().forEach(this::walk);
            case MAP ->
                expression.map().entries().forEach(entry -> {
                    walk(entry.key());
                    walk(entry.value());
                });
            case STRUCT -> expression.struct().entries().forEach(entry -> walk(entry.value()));
            case COMPREHENSION -> comprehension(expression.comprehension());
            case CONSTANT, NOT_SET -> {}
        }
    }

    private void ident(CelExpr expression) {
        if (isFree(expression, "args")) arguments = true;
        else if (isFree(expression, "session")) irreversible = turns = true;
        else if (isFree(expression, "call")) turns = true;
        else if (isFree(expression, "impact")) notBuilt(expression, "impact");
    }

    private void select(CelSelect select) {
        CelExpr operand = select.operand();
        String name = isFree(operand, "session") ? "session." + select.field() : "";
        if (NOT_BUILT.contains(name)) notBuilt(operand, name);
        irreversible |= name.equals("session.irreversible");
        // Taints are never forgotten, and calls that ran are never counted less: what waits for that would wait for
        // ever.
        boolean fixed = FIXED.contains(name)
                || isFree(operand, "call") && select.field().equals("purpose");
        if (fixed || !name.isEmpty()) {
            byId.put(operand.id(), operand);
            turns |= !fixed;
        } else walk(operand);
    }

    private void call(CelExpr expression, CelCall call) {
        call.target().ifPresent(target -> targeted(target, call));
        if (call.target().isEmpty() && NOT_BUILT.contains(call.function())) notBuilt(expression, call.function());
        if (call.function().equals("matches") && !call.args().isEmpty())
            pattern(call.args().getLast());
        call.args().forEach(this::walk);
    }

    private void targeted(CelExpr target, CelCall call) {
        String function = call.function();
        String space =
                target.getKind() == CelExpr.ExprKind.Kind.IDENT ? target.ident().name() : "";
        if (NOT_BUILT_SPACES.contains(space) && isFree(target, space)) notBuilt(target, space + "." + function);
        if (isFree(target, "session") && NOT_BUILT.contains("session." + function))
            notBuilt(target, "session." + function);
        // A bound name does not hide a function's: the functions of `path` are called all the same.
        if (space.equals("path")) {
            paths = true;
            if (function.equals("within") && call.args().size() == 2)
                directory(call.args().getLast());
        }
        if (isFree(target, "net") && function.equals("inCidr") && call.args().size() == 2)
            range(call.args().getLast());
        if (isFree(target, "session")) {
            byId.put(target.id(), target);
            turns = true;
        } else walk(target);
    }

    private void comprehension(CelComprehension comprehension) {
        if (comprehension.accuInit().getKind() == CelExpr.ExprKind.Kind.LIST) collects = true;
        walk(comprehension.iterRange());
        walk(comprehension.accuInit());
        var names = List.of(comprehension.iterVar(), comprehension.iterVar2(), comprehension.accuVar());
        names.forEach(name -> bound.merge(name, 1, Integer::sum));
        walk(comprehension.loopCondition());
        walk(comprehension.loopStep());
        walk(comprehension.result());
        names.forEach(name -> bound.merge(name, -1, Integer::sum));
    }

    private boolean isFree(CelExpr expression, String name) {
        return expression.getKind() == CelExpr.ExprKind.Kind.IDENT
                && expression.ident().name().equals(name)
                && bound.getOrDefault(name, 0) == 0;
    }

    private void notBuilt(CelExpr expression, String name) {
        flaws.add(new Flaw(expression, "not-built", "`" + name + "` is known but not carried out by this version"));
    }

    private void pattern(CelExpr expression) {
        text(expression).ifPresent(pattern -> {
            try {
                functions.pattern(pattern);
            } catch (IllegalArgumentException refused) {
                flaws.add(new Flaw(expression, "pattern", String.valueOf(refused.getMessage())));
            }
        });
    }

    private void directory(CelExpr expression) {
        text(expression)
                .filter(directory -> !Functions.isPlainDirectory(directory))
                .ifPresent(directory -> flaws.add(new Flaw(
                        expression,
                        "directory",
                        "`" + directory + "` is not an absolute directory without `.` and `..`")));
    }

    private void range(CelExpr expression) {
        text(expression)
                .filter(range -> Address.Range.parse(range).isEmpty())
                .ifPresent(range -> flaws.add(new Flaw(
                        expression, "range", "`" + range + "` is not a range of addresses such as `10.0.0.0/8`")));
    }

    static Optional<String> text(CelExpr expression) {
        return expression.getKind() == CelExpr.ExprKind.Kind.CONSTANT
                        && expression.constant().getKind() == CelConstant.Kind.STRING_VALUE
                ? Optional.of(expression.constant().stringValue())
                : Optional.empty();
    }
}
