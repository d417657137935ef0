package dev.guardrail.proof;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonBoolean;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import dev.guardrail.base.Sha256;
import dev.guardrail.base.StrictJson;
import dev.guardrail.testing.Archive;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Published proofs and the verdicts they should get. Proofs about subtrees, which RFC 6962 does not have, are left
/// out.
class MerkleVectorsGolden {
    /// Wanted to pass with roots of 12 bytes; here a root has 32.
    private static final String SHORT_ROOTS = "sizes-are-equal-one-and-proof-is-empty.json";

    @TestFactory
    Stream<DynamicTest> inclusion_proofs_get_the_wanted_verdict() {
        return vectors("/inclusion/", MerkleVectorsGolden::inclusion);
    }

    @TestFactory
    Stream<DynamicTest> consistency_proofs_get_the_wanted_verdict() {
        return vectors("/consistency/", MerkleVectorsGolden::consistency);
    }

    private static Stream<DynamicTest> vectors(String folder, java.util.function.Predicate<JsonObject> verdict) {
        var files = Archive.files("merkle-vectors.tar.gz").entrySet().stream()
                .filter(file -> file.getKey().contains(folder) && file.getKey().endsWith(".json"))
                .toList();
        assertEquals(98, files.size());
        return files.stream()
                .map(file -> dynamicTest(file.getKey(), () -> {
                    var vector = read(file.getValue());
                    boolean wanted = !vector.isTrue("wantErr") && !file.getKey().endsWith(SHORT_ROOTS);
                    assertEquals(JsonBoolean.of(wanted), JsonBoolean.of(verdict.test(vector)));
                }));
    }

    private static boolean inclusion(JsonObject vector) {
        try {
            return new InclusionProof(number(vector, "leafIdx"), number(vector, "treeSize"), path(vector))
                    .proves(hash(vector, "leafHash"), hash(vector, "root"));
        } catch (MalformedProof refused) {
            return false;
        }
    }

    private static boolean consistency(JsonObject vector) {
        try {
            return new ConsistencyProof(number(vector, "size1"), number(vector, "size2"), path(vector))
                    .proves(hash(vector, "root1"), hash(vector, "root2"));
        } catch (MalformedProof refused) {
            return false;
        }
    }

    /// Sizes are uint64 there; 2^64-1 is the same bits as -1 here.
    private static JsonObject read(byte[] file) {
        String json = new String(file, UTF_8).replace("18446744073709551615", "-1");
        return (JsonObject) StrictJson.parse(json.getBytes(UTF_8));
    }

    private static long number(JsonObject vector, String name) {
        return vector.integer(name).orElseThrow(() -> new AssertionError("no " + name + " in " + vector));
    }

    private static Sha256 hash(JsonObject vector, String name) {
        return Base64Text.hash(((JsonText) member(vector, name)).value());
    }

    private static List<Sha256> path(JsonObject vector) {
        return vector.array("proof")
                .map(proof -> proof.texts().stream().map(Base64Text::hash).toList())
                .orElse(List.of());
    }

    private static Json member(JsonObject vector, String name) {
        return vector.get(name).orElseThrow(() -> new AssertionError("no " + name + " in " + vector));
    }
}
