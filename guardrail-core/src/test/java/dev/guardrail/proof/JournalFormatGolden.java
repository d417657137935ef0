package dev.guardrail.proof;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.Sha256;
import dev.guardrail.call.CallId;
import dev.guardrail.journal.Commitment;
import dev.guardrail.journal.Entry;
import dev.guardrail.journal.Status;
import dev.guardrail.testing.HeldLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// Every vector of docs/journal-format.md, worked out again.
class JournalFormatGolden {
    private static final Path DOCUMENT = Path.of("../docs/journal-format.md");
    private static final HexFormat HEX = HexFormat.of();

    @Test
    void the_vectors_of_the_document_are_what_is_written() throws IOException {
        String document = Files.readString(DOCUMENT).replace("\r\n", "\n");

        var found = new ArrayList<String>();
        var blocks = Pattern.compile("```vector\n(.*?)```", Pattern.DOTALL).matcher(document);
        while (blocks.find()) found.add(blocks.group(1));

        assertEquals(String.join("---\n", expected()), String.join("---\n", found));
    }

    @Test
    void the_document_names_every_kind() throws IOException {
        String document = Files.readString(DOCUMENT);
        for (String kind : EntryShape.kinds()) assertTrue(document.contains("### `" + kind + "`"), kind);
    }

    @Test
    void the_vectors_hold_every_kind_and_are_a_sound_log() throws IOException {
        var log = log();
        Set<String> kinds = new HashSet<>();
        for (Entry entry : log.entries) kinds.add(entry.kind());

        assertEquals(EntryShape.kinds(), kinds);
        assertEquals(Optional.empty(), LogAudit.of(signed(log)).fault());
    }

    private static List<String> expected() {
        var vectors = new ArrayList<String>();
        byte[] salt = HEX.parseHex("000102030405060708090a0b0c0d0e0f");
        byte[] body = "{\"amount\":75000,\"charge\":\"ch_1\"}".getBytes(UTF_8);
        vectors.add("salt " + HEX.formatHex(salt) + "\nbody " + new String(body, UTF_8) + "\ncommitment "
                + Sha256.of(salt, body) + "\n");
        var log = log();
        for (int seq = 0; seq < log.entries.size(); seq++) {
            byte[] bytes = log.entries.get(seq).line().bytes();
            vectors.add("entry " + seq + "\n" + new String(bytes, UTF_8) + "\nleaf "
                    + MerkleTree.leafHash(bytes).hex() + "\n");
        }
        var held = signed(log);
        vectors.add("seed " + HEX.formatHex(SampleLog.seed(4)) + "\nvkey "
                + heir().verifier().vkey() + "\n\n" + new String(held.heads.getFirst(), UTF_8));
        var hashes = held.tiles.getFirst();
        vectors.add(new Tile(0, 0, hashes.size()).path() + "\nsha256 "
                + Sha256.of(Tile.encode(hashes)).hex() + "\n"
                + new Tile(0, 0, hashes.size()).entriesPath() + "\nsha256 "
                + Sha256.of(EntryBundle.encode(held.entries)).hex() + "\n");
        return vectors;
    }

    /// A short life of a log: one call that people approved, one that the caller ran, a restored backup, a stop, and an
    /// undo.
    private static SampleLog log() {
        var log = SampleLog.started();
        String held = log.hold();
        log.add(at -> new Entry.TicketChanged(
                at,
                SampleLog.ticket(held),
                new CallId(held),
                SampleLog.session(),
                "escalated",
                "guard",
                List.of("group:leads"),
                Optional.empty(),
                List.of()));
        log.vote(held, "bob", true);
        log.vote(held, "carol", true);
        log.close(held, "approved");
        log.decided(held, "allow", Status.RUNNING);
        log.outcome(held, Status.SUCCEEDED, "guard");
        log.decided(log.fresh(), "deny", Status.DENIED);
        String own = log.permit();
        log.outcome(own, Status.FAILED, "host");
        byte[] next =
                Appointment.of(SampleLog.NEXT.verifier()).sign(SampleLog.SIGNER).bytes();
        log.add(at -> new Entry.KeyRotated(at, SampleLog.NEXT.verifier().vkey(), Optional.of(new String(next, UTF_8))));
        log.add(at -> new Entry.GapAcknowledged(
                at, 15, 21, "otto", new Commitment("gap/15", SampleLog.digest("gap/15")), Optional.empty()));
        byte[] heir = Appointment.of(heir().verifier()).sign(SampleLog.NEXT).bytes();
        log.add(at -> new Entry.KeyRotated(at, heir().verifier().vkey(), Optional.of(new String(heir, UTF_8))));
        log.add(at -> new Entry.WireRefused(
                at,
                "mcp",
                "header-mismatch",
                new Entry.SenderLine(
                        "agent:coder",
                        Optional.of("coder"),
                        Optional.of(SampleLog.session()),
                        Optional.of(SampleLog.digest("ann"))),
                Optional.of("crm"),
                "POST /mcp/{server}",
                Optional.of(SampleLog.digest("bytes")),
                1,
                Optional.empty()));
        log.unqueue(log.queue(120_000), "cancelled");
        String taken = log.permit();
        var stop = new Entry.StopLine("stp_1", "agent", "coder");
        log.add(at ->
                new Entry.Stopped(at, stop, "otto", new Commitment("stp_1/reason", SampleLog.digest("stp_1/reason"))));
        log.outcome(taken, Status.CANCELLED, "guard");
        log.add(at -> new Entry.StopLifted(at, stop, "otto"));
        log.canary("call_9");
        log.caught("call_9");
        String remembered = log.hold();
        Sha256 scope = SampleLog.digest("scope");
        log.vote(remembered, "bob", true, Optional.of(scope));
        log.vote(remembered, "carol", true, Optional.of(scope));
        log.close(remembered, "approved");
        log.grant(remembered, scope, 5, Optional.of("50000"));
        String repeat = log.fresh();
        log.debited(repeat, SampleLog.grantOf(remembered), Optional.of("750.5"));
        log.add(at -> new Entry.GrantEnded(
                at,
                SampleLog.grantOf(remembered),
                SampleLog.session(),
                "coder",
                SampleLog.tool(),
                "revoked",
                "otto",
                Optional.empty()));
        log.outcome(repeat, Status.SUCCEEDED, "guard");
        log.add(at -> new Entry.Revealed(
                at,
                "otto",
                31,
                Optional.of(new CallId(repeat)),
                List.of(repeat + "/arguments"),
                new Commitment("rev_1/reason", SampleLog.digest("rev_1/reason"))));
        log.undo(log.undoable(), Status.SUCCEEDED);
        return log;
    }

    private static Ed25519Signer heir() {
        return Ed25519Signer.of(SampleLog.ORIGIN + "-2", SampleLog.seed(4));
    }

    private static HeldLog signed(SampleLog log) {
        var held = HeldLog.of(
                log.entries.stream().map(entry -> entry.line().bytes()).toList());
        return held.signed(heir(), held.size());
    }
}
