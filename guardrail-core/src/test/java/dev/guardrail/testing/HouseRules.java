package dev.guardrail.testing;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.NullMarked;

/// Rules that hold in every module of the house. Each takes the root package it judges, so that a test can
/// turn it on planted violations and show that it can fail.
public final class HouseRules {
    private HouseRules() {}

    /// A room imports, among the rooms of its house, only those named.
    ///
    /// @param root package of the house, such as `dev.guardrail`
    /// @param room package of the room below `root`
    /// @param house every room there is
    /// @param allowed rooms that may be imported; the room itself always may
    public static ArchRule imports(String root, String room, Collection<String> house, Collection<String> allowed) {
        String[] forbidden = house.stream()
                .filter(other -> !other.equals(room) && !allowed.contains(other))
                .map(other -> packages(root, other, house))
                .toArray(String[]::new);
        return noClasses()
                .that()
                .resideInAPackage(packages(root, room, house))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(forbidden)
                .as(room + " imports only " + allowed)
                .allowEmptyShould(true);
    }

    /// A room is its package and all below, but a room in which other rooms lie is its own package alone.
    private static String packages(String root, String room, Collection<String> house) {
        boolean holdsRooms = house.stream().anyMatch(other -> other.startsWith(room + "."));
        return root + "." + room + (holdsRooms ? "" : "..");
    }

    /// No class lives outside the rooms of the house.
    public static ArchRule everyClassHasARoom(String root, Collection<String> house) {
        String[] rooms = house.stream().map(room -> packages(root, room, house)).toArray(String[]::new);
        return classes()
                .that(resideInAPackage(root + "..").and(not(PACKAGE_INFO)))
                .should()
                .resideInAnyPackage(rooms)
                .as("every class lives in one of " + house)
                .allowEmptyShould(true);
    }

    /// Names say what a thing is.
    public static ArchRule namesAreNouns(String root) {
        return noClasses()
                .that()
                .resideInAPackage(root + "..")
                .should()
                .haveNameMatching(".*(Manager|Helper|Helpers|Util|Utils|Service|Impl)(\\$.*)?")
                .as("no class is named Manager, Helper, Util, Service or Impl")
                .allowEmptyShould(true);
    }

    /// NullAway trusts only what is marked.
    public static ArchRule packagesAreNullMarked(String root) {
        return classes()
                .that(resideInAPackage(root + "..").and(not(PACKAGE_INFO)))
                .should(new ArchCondition<>("live in a package marked @NullMarked") {
                    @Override
                    public void check(JavaClass judged, ConditionEvents events) {
                        boolean marked = judged.getPackage().isAnnotatedWith(NullMarked.class);
                        events.add(new SimpleConditionEvent(
                                judged, marked, judged.getName() + " lives in a package without @NullMarked"));
                    }
                })
                .as("every package is @NullMarked")
                .allowEmptyShould(true);
    }

    /// Classes of a room depend on nothing but the packages named.
    public static ArchRule dependsOnlyOn(String root, String room, List<String> packages) {
        return classes()
                .that()
                .resideInAPackage(root + "." + room + "..")
                .should()
                .onlyDependOnClassesThat(
                        resideInAnyPackage(packages.toArray(String[]::new)).or(PRIMITIVE))
                .as(room + " depends only on " + packages)
                .allowEmptyShould(true);
    }

    private static final DescribedPredicate<JavaClass> PACKAGE_INFO = DescribedPredicate.describe(
            "package-info", judged -> judged.getSimpleName().equals("package-info"));

    /// Primitive types and arrays of them live in no package.
    private static final DescribedPredicate<JavaClass> PRIMITIVE = DescribedPredicate.describe(
            "primitive", judged -> judged.getBaseComponentType().isPrimitive());
}
