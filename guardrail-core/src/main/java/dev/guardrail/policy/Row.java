package dev.guardrail.policy;

import dev.guardrail.call.Subject;
import dev.guardrail.condition.Condition;
import dev.guardrail.condition.Facts;
import dev.guardrail.condition.Truth;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Rules of one kind in order of id, laid out so that a call walks past those of other roles without touching them:
/// with thousands of rules it is the memory touched that takes the time.
final class Row {
    private final Rule[] rules;
    private final Condition[] conditions;

    /// The one role that a rule names; null where it names none or several.
    private final @Nullable String[] roles;

    /// False where the role says all that the rule asks of the subject.
    private final boolean[] asksMore;

    Row(List<Rule> some) {
        rules = some.stream().sorted(Comparator.comparing(Rule::id)).toArray(Rule[]::new);
        conditions = new Condition[rules.length];
        roles = new String[rules.length];
        asksMore = new boolean[rules.length];
        for (int i = 0; i < rules.length; i++) {
            Match match = rules[i].match();
            conditions[i] = rules[i].when();
            // One copy of each word, shared by all rules that say it.
            if (match.roles().size() == 1)
                roles[i] = match.roles().iterator().next().intern();
            asksMore[i] = match.roles().size() > 1
                    || !match.agents().isEmpty()
                    || !match.users().isEmpty();
        }
    }

    int size() {
        return rules.length;
    }

    Rule rule(int index) {
        return rules[index];
    }

    /// What the rule's condition says; [Truth#FALSE] where the rule is not about the subject.
    Truth test(int index, Facts facts) {
        return isAbout(index, facts.request().subject()) ? conditions[index].test(facts) : Truth.FALSE;
    }

    boolean isAbout(int index, Subject subject) {
        String role = roles[index];
        if (role != null && !subject.roles().contains(role)) return false;
        return !asksMore[index] || rules[index].match().matches(subject);
    }

    /// True where the rule is about the subject and its condition's answer can turn by itself.
    boolean canTurn(int index, Subject subject) {
        return isAbout(index, subject) && conditions[index].canTurn();
    }

    boolean readsPaths() {
        for (Rule rule : rules) {
            if (rule.when().readsPaths()) return true;
            for (var value : rule.set().values()) if (value.readsPaths()) return true;
        }
        return false;
    }
}
