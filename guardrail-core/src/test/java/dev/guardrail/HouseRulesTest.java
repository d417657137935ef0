package dev.guardrail;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget.CodeUnitCallTarget;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption.Predefined;
import com.tngtech.archunit.lang.ArchRule;
import dev.guardrail.testing.HouseRules;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// The house of the core: which room may import which, and what no room may touch.
/// Every rule is also turned on a planted house that breaks it, and must notice.
class HouseRulesTest {
    private static final String HOUSE = "dev.guardrail";
    private static final String PLANTED = "dev.guardrail.planted";

    /// Bottom first; a room may import only rooms before it. Rooms not built yet have their place already.
    private static final List<String> ROOMS = List.of(
            "base",
            "call",
            "session",
            "condition",
            "policy",
            "sandbox",
            "pack",
            "proof",
            "journal",
            "registry",
            "limit",
            "approval",
            "outbox",
            "stop",
            "undo",
            "pipeline");

    private static final JavaClasses CORE = new ClassFileImporter()
            .withImportOption(Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages(HOUSE);

    private static final JavaClasses BROKEN = new ClassFileImporter().importPackages(PLANTED);

    /// Fresh rules by name, for one house.
    private static Map<String, ArchRule> rules(String root) {
        Map<String, ArchRule> rules = new LinkedHashMap<>();
        for (String room : ROOMS.subList(0, ROOMS.size() - 1)) {
            rules.put(room + " imports only rooms below", HouseRules.imports(root, room, ROOMS, below(room)));
        }
        for (String room : ROOMS) {
            rules.put(
                    room + " depends on nothing foreign", HouseRules.dependsOnlyOn(root, room, libraries(root, room)));
        }
        rules.put("every class has a room", HouseRules.everyClassHasARoom(root, ROOMS));
        rules.put("names are nouns", HouseRules.namesAreNouns(root));
        rules.put("packages are null-marked", HouseRules.packagesAreNullMarked(root));
        rules.put("time and chance are injected", timeAndChanceAreInjected(root));
        rules.put("nothing prints", nothingPrints(root));
        rules.put("the decision does no input or output", theDecisionDoesNoInputOrOutput(root));
        rules.put("the decision reads no clock", theDecisionReadsNoClock(root));
        rules.put("nothing that runs calls knows canaries", nothingKnowsCanaries(root));
        return rules;
    }

    private static List<String> below(String room) {
        // The proof of the log stands on digests alone, so that an auditor needs to trust little.
        return room.equals("proof") ? List.of("base") : ROOMS.subList(0, ROOMS.indexOf(room));
    }

    private static List<String> libraries(String root, String room) {
        List<String> libraries =
                new ArrayList<>(List.of("java..", "javax.crypto..", "org.jspecify.annotations..", root + ".."));
        libraries.addAll(
                switch (room) {
                    case "base" -> List.of("com.fasterxml.jackson.core..");
                    // Guava, protobuf and RE2 are part of the interface of CEL.
                    case "condition" ->
                        List.of("dev.cel..", "com.google.common..", "com.google.protobuf..", "com.google.re2j..");
                    case "pack" -> List.of("org.snakeyaml.engine..");
                    default -> List.of();
                });
        return libraries;
    }

    private static ArchRule timeAndChanceAreInjected(String root) {
        return noClasses()
                .that()
                .resideInAPackage(root + "..")
                .should()
                .callCodeUnitWhere(target(AMBIENT))
                .as("no call of Instant.now, System.currentTimeMillis, UUID.randomUUID and their like")
                .allowEmptyShould(true);
    }

    private static ArchRule nothingPrints(String root) {
        return noClasses()
                .that()
                .resideInAPackage(root + "..")
                .should()
                .accessField(System.class, "out")
                .orShould()
                .accessField(System.class, "err")
                .orShould()
                .callMethod(Throwable.class, "printStackTrace")
                .orShould()
                .dependOnClassesThat()
                .resideInAnyPackage("java.util.logging..")
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(System.Logger.class)
                .as("the core returns facts; it neither prints nor logs")
                .allowEmptyShould(true);
    }

    private static ArchRule theDecisionDoesNoInputOrOutput(String root) {
        return noClasses()
                .that()
                .resideInAnyPackage(root + ".policy..", root + ".condition..")
                .should()
                .dependOnClassesThat(OUTSIDE)
                .as("policy and condition touch no file and no network")
                .allowEmptyShould(true);
    }

    private static ArchRule theDecisionReadsNoClock(String root) {
        return noClasses()
                .that()
                .resideInAnyPackage(root + ".policy..", root + ".condition..")
                .should()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .dependOnClassesThat(CLOCKS)
                .as("policy and condition read no clock")
                .allowEmptyShould(true);
    }

    /// Not the path of calls, nor the desk that gives grants: a canary cannot become a call where nobody has one.
    private static ArchRule nothingKnowsCanaries(String root) {
        DescribedPredicate<JavaClass> canary = nameMatching(
                        Pattern.quote(root + ".approval.") + "(Canar\\w*|Decoy|Planting|ApproversQueue)(\\$.*)?")
                .forSubtype();
        return noClasses()
                .that()
                .resideInAPackage(root + "..")
                .and(DescribedPredicate.not(canary))
                .should()
                .dependOnClassesThat(canary)
                .as("only canaries and the queue of approvers know canaries")
                .allowEmptyShould(true);
    }

    /// Everything that reads a clock or draws a random number by itself.
    private static final DescribedPredicate<CodeUnitCallTarget> AMBIENT = describe("ambient time or chance", called -> {
        String owner = called.getOwner().getName();
        String name = called.getName();
        return (owner.startsWith("java.time.") && (name.equals("now") || name.startsWith("system")))
                || (owner.startsWith("java.time.") && name.startsWith("tick"))
                || (owner.equals("java.lang.System") && name.equals("currentTimeMillis"))
                || (owner.equals("java.lang.Math") && name.equals("random"))
                || (owner.equals("java.util.UUID") && name.equals("randomUUID"))
                || (owner.equals("java.util.concurrent.ThreadLocalRandom") && name.equals("current"))
                || (owner.equals("java.util.Date")
                        && name.equals("<init>")
                        && called.getParameterTypes().isEmpty())
                || (owner.equals("java.util.Random")
                        && name.equals("<init>")
                        && called.getParameterTypes().isEmpty())
                || (owner.equals("java.security.SecureRandom")
                        && !drawsFromOurs(called)
                        && (name.equals("<init>") || name.startsWith("getInstance")));
    });

    /// True for the constructor that is handed what it draws from.
    private static boolean drawsFromOurs(CodeUnitCallTarget called) {
        return called.getRawParameterTypes().stream()
                .anyMatch(type -> type.isEquivalentTo(java.security.SecureRandomSpi.class));
    }

    /// Names of `java.net` that only parse.
    private static final Set<String> PARSERS =
            Set.of("java.net.URI", "java.net.URISyntaxException", "java.net.IDN", "java.io.Serializable");

    private static final DescribedPredicate<JavaClass> OUTSIDE = resideInAnyPackage(
                    "java.io..", "java.net..", "java.nio.file..", "java.nio.channels..", "java.sql..")
            .or(describe(
                    "process",
                    (JavaClass used) -> used.getName().startsWith("java.lang.Process")
                            || used.getName().equals("java.lang.Runtime")))
            .and(describe("not a mere parser", (JavaClass used) -> !PARSERS.contains(used.getName())));

    private static final DescribedPredicate<JavaClass> CLOCKS = describe(
            "clock",
            used -> Set.of("java.time.Clock", "java.time.InstantSource").contains(used.getName()));

    @TestFactory
    Stream<DynamicTest> theHouseIsInOrder() {
        return rules(HOUSE).entrySet().stream()
                .map(rule -> dynamicTest(rule.getKey(), () -> rule.getValue().check(CORE)));
    }

    @TestFactory
    Stream<DynamicTest> everyRuleNoticesAPlantedViolation() {
        return rules(PLANTED).entrySet().stream()
                .map(rule -> dynamicTest(
                        rule.getKey(),
                        () -> assertTrue(
                                rule.getValue().evaluate(BROKEN).hasViolation(),
                                () -> "blind rule: " + rule.getValue().getDescription())));
    }

    @Test
    void the_core_was_looked_at() {
        assertFalse(CORE.isEmpty());
        assertTrue(CORE.stream().noneMatch(judged -> judged.getPackageName().startsWith(PLANTED)));
    }
}
