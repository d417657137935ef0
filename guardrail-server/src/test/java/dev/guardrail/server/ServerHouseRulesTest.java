package dev.guardrail.server;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption.Predefined;
import com.tngtech.archunit.lang.ArchRule;
import dev.guardrail.testing.HouseRules;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// The house of the server: doors and adapters stand side by side on the core and do not know each other;
/// only wiring and the command line see both.
class ServerHouseRulesTest {
    private static final String HOUSE = "dev.guardrail.server";
    private static final String PLANTED = "dev.guardrail.planted.server";

    /// What a door and the adapter that verifies credentials tell each other about a request.
    private static final String SILL = "door";

    /// What the MCP door and the upstreams tell each other about a conversation that passes through.
    private static final String RELAY = "relay";

    /// How people read a held call, wherever they do.
    private static final String SHEET = "sheet";

    private static final List<String> DOORS =
            List.of("door.mcp", "door.http", "door.hook", "door.authzen", "console", "problem");
    private static final List<String> ADAPTERS =
            List.of("identity", "store", "runner", "upstream", "notify", "observe");
    private static final List<String> ROOMS = Stream.of(
                    List.of(SILL, RELAY, SHEET), DOORS, ADAPTERS, List.of("wiring", "bridge", "cli"))
            .flatMap(List::stream)
            .toList();

    private static final JavaClasses SERVER = new ClassFileImporter()
            .withImportOption(Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages(HOUSE);

    private static final JavaClasses BROKEN = new ClassFileImporter().importPackages(PLANTED);

    private static Map<String, ArchRule> rules(String root) {
        Map<String, ArchRule> rules = new LinkedHashMap<>();
        for (String room : ROOMS.subList(0, ROOMS.size() - 1)) {
            List<String> allowed = allowed(room);
            rules.put(room + " imports only " + allowed, HouseRules.imports(root, room, ROOMS, allowed));
        }
        rules.put("every class has a room", HouseRules.everyClassHasARoom(root, ROOMS));
        rules.put("names are nouns", HouseRules.namesAreNouns(root));
        rules.put("packages are null-marked", HouseRules.packagesAreNullMarked(root));
        rules.put("wiring is by constructor", wiringIsByConstructor(root));
        rules.put("sql stays with the store and with rows", sqlStaysWithTheStoreAndWithRows(root));
        return rules;
    }

    /// Doors share `problem` and the sill. Adapters share nothing, but identity puts the caller on the sill and
    /// refuses in problems, and observe shows faults as they do. The MCP door and the upstreams meet in `relay`,
    /// where observe places requests in their traces. Whatever shows people a held call shows its `sheet`.
    /// Wiring joins both; the bridge is a client of the guard that reads streams as the upstream adapter does; the
    /// command line stands on top.
    private static List<String> allowed(String room) {
        return switch (room) {
            case "wiring" ->
                Stream.of(List.of(SILL, RELAY, SHEET), DOORS, ADAPTERS)
                        .flatMap(List::stream)
                        .toList();
            case "bridge" -> List.of("upstream", RELAY);
            case "identity" -> List.of(SILL, "problem");
            case "observe" -> List.of(RELAY, "problem");
            case "door.mcp" -> List.of(SILL, RELAY, "problem");
            case "upstream" -> List.of(RELAY);
            case "door.http", "door.authzen", "console" -> List.of(SILL, SHEET, "problem");
            case "notify" -> List.of(SHEET);
            case SILL, RELAY, SHEET, "problem" -> List.of();
            default -> DOORS.contains(room) ? List.of(SILL, "problem") : List.of();
        };
    }

    private static ArchRule wiringIsByConstructor(String root) {
        return noFields()
                .that()
                .areDeclaredInClassesThat()
                .resideInAPackage(root + "..")
                .should()
                .beAnnotatedWith("jakarta.inject.Inject")
                .orShould()
                .beAnnotatedWith("io.micronaut.context.annotation.Value")
                .as("no field is injected")
                .allowEmptyShould(true);
    }

    /// The journal's own database, and others' that undo puts rows back in.
    private static ArchRule sqlStaysWithTheStoreAndWithRows(String root) {
        return noClasses()
                .that()
                .resideInAPackage(root + "..")
                .and()
                .resideOutsideOfPackages(root + ".store..", root + ".runner.sql..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.sql..", "javax.sql..", "org.sqlite..", "org.postgresql..")
                .as("SQL stays with the store and with rows")
                .allowEmptyShould(true);
    }

    @TestFactory
    Stream<DynamicTest> theHouseIsInOrder() {
        return rules(HOUSE).entrySet().stream()
                .map(rule -> dynamicTest(rule.getKey(), () -> rule.getValue().check(SERVER)));
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
    void the_server_was_looked_at() {
        assertFalse(SERVER.isEmpty());
        assertTrue(SERVER.stream().noneMatch(judged -> judged.getPackageName().startsWith(PLANTED)));
    }
}
