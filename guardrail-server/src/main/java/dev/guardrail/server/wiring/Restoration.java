package dev.guardrail.server.wiring;

import dev.guardrail.approval.ApprovalDesk;
import dev.guardrail.approval.Ticket;
import dev.guardrail.approval.TicketState;
import dev.guardrail.journal.AesSeal;
import dev.guardrail.journal.Heads;
import dev.guardrail.journal.Journal;
import dev.guardrail.journal.LogId;
import dev.guardrail.journal.Notary;
import dev.guardrail.journal.Recovery;
import dev.guardrail.proof.Checkpoint;
import dev.guardrail.proof.Ed25519Verifier;
import dev.guardrail.proof.MalformedProof;
import dev.guardrail.proof.MerkleTree;
import dev.guardrail.proof.SignedNote;
import dev.guardrail.proof.Signer;
import dev.guardrail.server.store.Backup;
import dev.guardrail.server.store.SqliteStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Putting a backup in the place of a journal that is lost. Where the backup holds all that was signed for, the log
/// goes
/// on. Where it does not, what is lost is acknowledged and the log goes on under another origin and name, since a head
/// of the old origin could never be extended again (docs/adr/0016).
///
/// Everything is prepared beside the data directory's journal and moved in place at the end: a crash before leaves
/// none.
public final class Restoration {
    private static final Pattern NUMBERED = Pattern.compile("(.*)-([1-9][0-9]{0,8})");

    private static final String HEAD = "head";

    private final Path data;
    private final KeyFiles keys;
    private final Clocks clocks;

    /// @param data directory that holds the keys and no journal
    public Restoration(Path data, KeyFiles keys, Clocks clocks) {
        this.data = data;
        this.keys = keys;
        this.clocks = clocks;
    }

    /// What an operator says about entries that are lost.
    public record Acknowledgement(String by, String reason) {}

    /// What came of it.
    ///
    /// @param entries of the backup
    /// @param lost number of entries that were signed for and are lost
    /// @param vkey of the log from here on, where it has another origin now
    public record Restored(long entries, long lost, Optional<String> vkey) {}

    /// A backup lacks what was signed for, or nobody knows whether it does, and nobody has acknowledged that.
    public static final class Unacknowledged extends Exception {
        private static final long serialVersionUID = 1L;

        Unacknowledged(String message) {
            super(message);
        }
    }

    /// Restores a backup.
    ///
    /// @param acknowledgement used only where something is lost
    /// @throws Unacknowledged where it is needed and not there; nothing was changed
    /// @throws InvalidConfiguration where the keys are not fit for the backup
    public Restored restore(Path backup, Optional<Acknowledgement> acknowledgement)
            throws IOException, InvalidConfiguration, Unacknowledged {
        Backup.expectNoJournal(data);
        Path staging = data.resolve("restoring");
        clear(staging);
        try {
            long entries = Backup.restore(backup, staging);
            Optional<byte[]> known = keys.heads().last();
            Restored restored = holds(staging, known)
                    ? new Restored(entries, 0, Optional.empty())
                    : goOn(staging, entries, known, acknowledgement);
            Backup.install(staging.resolve("journal.db"), data);
            if (restored.vkey().isPresent()) {
                // A crash here leaves a log whose key and head the next start finds by what its entries name.
                keys.signer(restored.vkey().get());
                keys.heads().keep(new FileHeads(staging.resolve(HEAD)).last().orElseThrow());
            }
            return restored;
        } finally {
            clear(staging);
        }
    }

    /// True where the head signed last is known and the backup holds all of its entries.
    private boolean holds(Path staging, Optional<byte[]> known) throws IOException {
        if (known.isEmpty()) return false;
        try (var store = SqliteStore.open(staging, clocks.ticker())) {
            var head = Checkpoint.parse(SignedNote.parse(known.get()).text());
            return head.size() <= store.size()
                    && new MerkleTree(store.hashes(), head.size()).root().equals(head.root());
        } catch (MalformedProof damaged) {
            return false;
        }
    }

    private Restored goOn(Path staging, long entries, Optional<byte[]> known, Optional<Acknowledgement> acknowledgement)
            throws IOException, InvalidConfiguration, Unacknowledged {
        Optional<byte[]> lost = known.filter(Restoration::isHead);
        long size = lost.map(
                        note -> Checkpoint.parse(SignedNote.parse(note).text()).size())
                .orElse(entries);
        var said = acknowledgement.orElseThrow(() -> new Unacknowledged(told(entries, lost, size)));
        Notary notary;
        LogId log;
        try (var store = SqliteStore.open(staging, clocks.ticker())) {
            log = new LogId(numbered(store.log().value()));
            var journal = new Journal(
                    store, new AesSeal(keys.bodyKey(false), clocks.random()), clocks.wall(), clocks.ticker());
            notary = succeed(journal, new FileHeads(staging.resolve(HEAD)), lost, said);
            settle(journal);
            notary.sign();
        }
        Backup.rename(staging.resolve("journal.db"), log);
        return new Restored(
                entries,
                Math.max(0, size - entries),
                Optional.of(notary.verifier().vkey()));
    }

    private static String told(long entries, Optional<byte[]> lost, long size) {
        if (lost.isEmpty())
            return "nothing here tells what the log held last, so entries after the backup's " + entries
                    + " may be lost; say why with --acknowledge-gap REASON";
        return size > entries
                ? "the backup has " + entries + " entries and " + size + " were signed for: entries " + entries + " to "
                        + (size - 1) + " are lost; say why with --acknowledge-gap REASON"
                : "the backup is not of the log that was signed for last; say why it replaces that one with"
                        + " --acknowledge-gap REASON";
    }

    private static boolean isHead(byte[] note) {
        try {
            return !Checkpoint.parse(SignedNote.parse(note).text()).origin().isEmpty();
        } catch (MalformedProof damaged) {
            return false;
        }
    }

    private Notary succeed(Journal journal, Heads heads, Optional<byte[]> lost, Acknowledgement said)
            throws IOException, InvalidConfiguration {
        Optional<String> named = Notary.key(journal);
        Optional<Signer> before = keys.present()
                .filter(key -> named.equals(Optional.of(key.verifier().vkey())))
                .map(key -> key);
        String origin = named.map(vkey -> Ed25519Verifier.parse(vkey).name()).orElse("guardrail/restored");
        var next = keys.prepare(numbered(origin));
        return Notary.succeed(journal, heads, lost, before, next, said.by(), said.reason());
    }

    /// What was open when the backup was made may have been used since: nothing of it runs any more.
    private void settle(Journal journal) {
        new Recovery(journal).abandon();
        try (var desk = new ApprovalDesk(journal, clocks.ids(), List::of)) {
            for (TicketState state : List.of(TicketState.PENDING, TicketState.APPROVED)) {
                List<Ticket> open = desk.list(Optional.of(state), "", 1_000);
                while (!open.isEmpty()) {
                    open.forEach(ticket -> desk.cancel(ticket.id(), "restored"));
                    open = desk.list(Optional.of(state), open.getLast().id(), 1_000);
                }
            }
        }
    }

    /// `a` becomes `a-2`, and `a-2` becomes `a-3`.
    static String numbered(String name) {
        Matcher matcher = NUMBERED.matcher(name);
        return matcher.matches() ? matcher.group(1) + "-" + (Long.parseLong(matcher.group(2)) + 1) : name + "-2";
    }

    private static void clear(Path directory) throws IOException {
        if (Files.notExists(directory)) return;
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) Files.delete(file);
        }
        Files.delete(directory);
    }
}
