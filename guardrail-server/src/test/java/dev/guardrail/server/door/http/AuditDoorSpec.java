package dev.guardrail.server.door.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.StrictJson;
import dev.guardrail.proof.Checkpoint;
import dev.guardrail.proof.MerkleTree;
import dev.guardrail.proof.TlogProof;
import dev.guardrail.server.wiring.Served;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The log over HTTP: what is exported is what is proven.
class AuditDoorSpec {
    private static Served served;

    @BeforeAll
    static void start(@TempDir Path directory) throws Exception {
        served = Served.in(directory);
        for (int i = 0; i < 300; i++) served.propose(Served.CODER, "crm.get", "{\"card\":\"4111-" + i + "\"}");
        served.propose(Served.CODER, "crm.drop", "{}");
    }

    @AfterAll
    static void stop() throws Exception {
        served.close();
    }

    @Test
    void entries_are_found_by_their_terms_newest_first_page_by_page() {
        var found = served.get(Served.SAM, "/v1/audit/entries?q=tool:crm.drop%20effect:deny")
                .json();
        assertEquals(1, found.array("items").orElseThrow().items().size());
        var first = served.get(Served.SAM, "/v1/audit/entries?q=kind:decided&limit=2")
                .json();
        var second = served.get(
                        Served.SAM,
                        "/v1/audit/entries?q=kind:decided&limit=2&after="
                                + first.text("next").orElseThrow())
                .json();
        long last = first.array("items")
                .orElseThrow()
                .objects()
                .getLast()
                .integer("seq")
                .orElseThrow();
        long next = second.array("items")
                .orElseThrow()
                .objects()
                .getFirst()
                .integer("seq")
                .orElseThrow();

        assertTrue(next < last);
        assertEquals(
                400, served.get(Served.SAM, "/v1/audit/entries?q=color:red").status());
        assertEquals(400, served.get(Served.SAM, "/v1/audit/entries?q=tool").status());
    }

    @Test
    void every_line_of_the_export_is_proven_by_its_proof_under_the_logs_own_key() {
        var export = served.get(Served.SAM, "/v1/audit/export?format=jsonl");
        assertEquals(200, export.status());
        var lines = List.of(export.text().split("\n"));
        var first = (JsonObject) StrictJson.parse(lines.getFirst().getBytes(StandardCharsets.UTF_8));
        assertEquals("key_rotated", first.text("kind").orElseThrow());
        var key = dev.guardrail.proof.Ed25519Verifier.parse(first.text("vkey").orElseThrow());

        for (int index : List.of(0, 1, 255, 256, lines.size() - 1)) {
            var proof = TlogProof.parse(served.get(Served.SAM, "/v1/audit/entries/" + index + "/proof")
                    .text()
                    .getBytes(StandardCharsets.UTF_8));
            var leaf = MerkleTree.leafHash(lines.get(index).getBytes(StandardCharsets.UTF_8));
            var other = MerkleTree.leafHash((lines.get(index) + " ").getBytes(StandardCharsets.UTF_8));

            assertTrue(proof.verify(leaf, key.name(), List.of(key)).isPresent(), "entry " + index);
            assertTrue(proof.verify(other, key.name(), List.of(key)).isEmpty());
        }
        assertEquals(
                404, served.get(Served.SAM, "/v1/audit/entries/999999/proof").status());
    }

    @Test
    void the_checkpoint_covers_all_that_is_durable() {
        var before = served.get(Served.SAM, "/v1/audit/checkpoint").text();
        long size = Checkpoint.parse(before.substring(0, before.indexOf("\n\n") + 1))
                .size();
        served.propose(Served.CODER, "crm.get", "{}");
        var after = served.get(Served.SAM, "/v1/audit/checkpoint").text();

        assertTrue(
                Checkpoint.parse(after.substring(0, after.indexOf("\n\n") + 1)).size() > size);
    }

    @Test
    void the_log_holds_no_arguments() {
        assertFalse(served.get(Served.SAM, "/v1/audit/export").text().contains("4111-"));
    }

    @Test
    void an_export_goes_on_where_the_last_one_ended() {
        var all = List.of(served.get(Served.SAM, "/v1/audit/export").text().split("\n"));
        var rest = List.of(
                served.get(Served.SAM, "/v1/audit/export?after=9").text().split("\n"));

        assertEquals(all.get(10), rest.getFirst());
    }

    @Test
    void formats_that_are_not_built_refuse_by_name() {
        var answer = served.get(Served.SAM, "/v1/audit/export?format=ocsf");

        assertEquals(400, answer.status());
        assertTrue(answer.text("detail").contains("`format=ocsf`"));
    }
}
