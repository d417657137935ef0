package dev.guardrail.proof;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.guardrail.base.Sha256;
import dev.guardrail.proof.AuditReport.Fault;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.LongConsumer;

/// Re-derives a whole log and names the first entry that is not what it should be: the form of every entry, every
/// stored
/// hash, every signed head, and what each call, ticket, session and key went through, from the entries alone. It shares
/// no code with what writes a log but the form of signed notes.
///
/// It reads the log once, from front to end, hashes and parses on all processors, and keeps in memory what is open.
public final class LogAudit {
    /// How far the wall clock may go back between two entries without a note: group commit interleaves calls.
    private static final long TOLERANCE_MILLIS = 2_000;

    private static final Set<String> CANARIES = Set.of("canary_opened", "canary_closed");

    private final LogSource source;
    private final ChunkReader reader;
    private final Optional<Projections> projections;
    private final LongConsumer progress;
    private final KeyChain keys;
    private final SessionHistory sessions = new SessionHistory();
    private final StopHistory stops = new StopHistory();
    private final TicketHistory tickets = new TicketHistory();
    private final GrantHistory grants = new GrantHistory(tickets);
    private final CanaryHistory canaries = new CanaryHistory();
    private final CallHistory calls;
    private final BodyAudit bodies;
    private final AuditNotes notes = new AuditNotes();
    private final AuditTree tree = new AuditTree(this::compare);
    private final Deque<PendingHead> pending = new ArrayDeque<>();
    private Optional<Fault> tileFault = Optional.empty();
    private long bytes;
    private long highWater = -Long.MAX_VALUE / 2;

    private LogAudit(
            LogSource source,
            Collection<? extends Verifier> pinned,
            Optional<Projections> projections,
            LongConsumer progress)
            throws IOException {
        this.source = source;
        this.reader = new ChunkReader(source);
        this.projections = projections;
        this.progress = progress;
        this.keys = new KeyChain(pinned);
        this.bodies = new BodyAudit(projections, notes);
        this.calls = new CallHistory(tickets, grants, sessions, stops, bodies::ended);
    }

    /// Audits a log.
    ///
    /// @param pinned keys given out of band, one of which must vouch for the log's end; where there are none, the
    ///     first key that the log names is believed
    /// @param projections compared with the log where given; nobody may write meanwhile
    /// @param progress told the number of entries read so far, now and then
    /// @throws IOException if the log cannot be read
    public static AuditReport of(
            LogSource source,
            Collection<? extends Verifier> pinned,
            Optional<Projections> projections,
            LongConsumer progress)
            throws IOException {
        var audit = new LogAudit(source, pinned, projections, progress);
        try (audit.reader) {
            return audit.report(audit.run());
        } catch (UncheckedIOException unreadable) {
            throw new IOException(unreadable.getMessage(), unreadable);
        } catch (CompletionException failed) {
            throw new IOException("the log cannot be read: " + failed.getMessage(), failed);
        }
    }

    /// Audits a log without pinned keys and projections.
    public static AuditReport of(LogSource source) throws IOException {
        return of(source, List.of(), Optional.empty(), read -> {});
    }

    /// A head whose entries are not read yet.
    private record PendingHead(byte[] note, long size) {}

    private Optional<Fault> run() throws IOException {
        var unusable = schedule();
        if (unusable.isPresent()) return unusable;
        Deque<CompletableFuture<AuditChunk>> underway = new ArrayDeque<>();
        int ahead = 2 * Runtime.getRuntime().availableProcessors();
        while (reader.hasNext() || !underway.isEmpty()) {
            while (reader.hasNext() && underway.size() < ahead) underway.add(reader.next());
            var fault = judge(underway.remove().join());
            if (fault.isPresent()) return fault;
            progress.accept(tree.size());
        }
        return end();
    }

    /// Puts the heads in order of their sizes.
    private Optional<Fault> schedule() throws IOException {
        var heads = new ArrayList<PendingHead>();
        for (byte[] note : source.heads()) {
            try {
                heads.add(new PendingHead(
                        note, Checkpoint.parse(SignedNote.parse(note).text()).size()));
            } catch (MalformedProof malformed) {
                return Optional.of(new Fault(0, "bad-head", "a head of the log is damaged: " + malformed.getMessage()));
            }
        }
        heads.sort(Comparator.comparingLong(PendingHead::size));
        pending.addAll(heads);
        return Optional.empty();
    }

    private Optional<Fault> judge(AuditChunk chunk) throws IOException {
        for (int i = 0; i < chunk.entries().size(); i++) {
            long seq = chunk.from() + i;
            bytes += chunk.entries().get(i).length;
            var breach = switch (chunk.readings().get(i)) {
                case AuditChunk.Reading.Unread(Breach unread) -> Optional.of(unread);
                case AuditChunk.Reading.Read(Members entry, long at) ->
                    i == chunk.firstOther()
                            ? Breach.of("other-hash", "is not what its stored leaf hash was made of")
                            : entry(seq, entry, at);
            };
            if (breach.isPresent()) return breach.map(why -> fault(seq, why));
            tree.add(chunk.hashes(), i * AuditTree.HASH);
            if (tileFault.isPresent()) return tileFault;
            var head = heads();
            if (head.isPresent()) return head;
        }
        return Optional.empty();
    }

    private static Fault fault(long seq, Breach why) {
        return new Fault(seq, why.word(), "entry " + seq + " " + why.sentence());
    }

    private Optional<Breach> entry(long seq, Members entry, long at) throws IOException {
        if (at < highWater - TOLERANCE_MILLIS)
            notes.add(seq, "clock", "entry " + seq + " is " + (highWater - at) + " ms older than one before it");
        highWater = Math.max(highWater, at);
        String kind = entry.text("kind").orElseThrow();
        var breach = kind.equals("key_rotated") ? keys.rotated(entry) : keys.other();
        if (breach.isEmpty() && !CANARIES.contains(kind)) breach = canaries.other(entry);
        if (breach.isPresent()) return breach;
        if (!kind.equals("undone")) breach = calls.other();
        if (breach.isPresent()) return breach;
        if (!kind.equals("granted")) grants.other();
        breach = switch (kind) {
            case "decided" -> calls.decided(entry, at);
            case "executed" -> calls.executed(entry);
            case "undone" -> calls.undone(entry);
            case "outbox_closed" -> calls.unqueued(entry);
            case "voted" -> tickets.voted(entry);
            case "ticket_changed" -> tickets.changed(entry);
            case "granted" -> grants.granted(entry, at);
            case "grant_ended" -> grants.ended(entry);
            case "ticket_closed" -> closed(entry, at);
            case "canary_opened" ->
                canaries.opened(
                        entry,
                        calls.knows(entry.text("call").orElseThrow())
                                || tickets.knows(entry.text("ticket").orElseThrow()));
            case "canary_closed" -> canaries.closed(entry);
            case "session_changed" -> sessions.changed(entry);
            case "stopped" -> stops.stopped(entry);
            case "stop_lifted" -> stops.lifted(entry);
            case "gap_acknowledged" -> gap(seq, entry);
            case "pack_activated" -> {
                calls.activated(entry);
                yield Optional.empty();
            }
            // what tools and keys are does not depend on what was before
            default -> Optional.empty();
        };
        return breach.isPresent() ? breach : bodies.entry(entry);
    }

    private Optional<Breach> closed(Members entry, long at) {
        String outcome = entry.text("outcome").orElseThrow();
        return tickets.closed(entry, at)
                .or(() -> outcome.equals("approved")
                        ? Optional.empty()
                        : calls.released(
                                entry.text("ticket").orElseThrow(),
                                entry.text("call").orElseThrow(),
                                outcome));
    }

    private Optional<Breach> gap(long seq, Members entry) {
        keys.gap();
        long from = Long.parseLong(entry.text("from").orElseThrow());
        long to = Long.parseLong(entry.text("to").orElseThrow());
        if (from != seq || to < from) return Breach.of("wrong-gap", "acknowledges a gap that is somewhere else");
        var head = entry.text("head");
        boolean told = head.isEmpty()
                || Checkpoint.parse(SignedNote.parse(head.get().getBytes(UTF_8)).text())
                                .size()
                        == to;
        notes.add(
                seq,
                "gap",
                "entries " + from + " to " + (to - 1) + " of the log before were lost, as `"
                        + entry.text("by").orElseThrow() + "` acknowledged");
        return Breach.unless(told, "wrong-gap", "names a head of another size than what is lost");
    }

    /// Checks the heads of as many entries as were read.
    private Optional<Fault> heads() {
        while (!pending.isEmpty() && pending.getFirst().size() <= tree.size()) {
            var head = pending.removeFirst();
            long vouched = keys.signed();
            var breach = keys.head(head.note(), head.size(), tree.root());
            if (breach.isPresent()) return breach.map(why -> fault(vouched, why));
        }
        return Optional.empty();
    }

    /// Compares a row of hashes above the leaves with what is stored.
    private void compare(int level, long from, byte[] hashes, int count) {
        if (level == 0 || level >= source.levels() || tileFault.isPresent()) return;
        List<Sha256> stored = reader.above(level, from, from + count);
        for (int i = 0; i < count; i++) {
            byte[] hash = Arrays.copyOfRange(hashes, i * AuditTree.HASH, (i + 1) * AuditTree.HASH);
            if (i < stored.size() && Arrays.equals(stored.get(i).bytes(), hash)) continue;
            long first = (from + i) << (Tile.HEIGHT * level);
            long last = first + (1L << (Tile.HEIGHT * level)) - 1;
            tileFault = Optional.of(new Fault(
                    first,
                    "other-tile",
                    "entries " + first + " to " + last + " do not give the hash that is stored for them ("
                            + HexFormat.of().formatHex(hash) + ")"));
            return;
        }
    }

    private Optional<Fault> end() throws IOException {
        long size = tree.size();
        if (size < source.size()) return Optional.of(new Fault(size, "missing", "entry " + size + " is missing"));
        var head = heads();
        if (head.isPresent()) return head;
        tree.finish();
        if (tileFault.isPresent()) return tileFault;
        if (!pending.isEmpty())
            return Optional.of(new Fault(
                    size,
                    "cut-off",
                    "entry " + size + " is missing: a head of "
                            + pending.getLast().size() + " entries was signed"));
        if (keys.isUntrusted() || keys.isPinned() && keys.signed() == 0)
            return Optional.of(new Fault(
                    keys.signed(),
                    "unsigned",
                    "no pinned key vouches for entry " + keys.signed() + " and what follows"));
        if (!keys.isPinned())
            notes.add(0, "no-pin", "no key was given to check against: the one that the log names was believed");
        if (keys.signed() < size)
            notes.add(keys.signed(), "unsigned", "entries from " + keys.signed() + " on are under no signed head yet");
        var untold = calls.other();
        if (untold.isPresent()) return untold.map(why -> fault(size, why));
        return bodies.end(calls, size);
    }

    private AuditReport report(Optional<Fault> fault) {
        var counts = new AuditReport.Counts(
                tree.size(),
                bytes,
                keys.heads(),
                keys.signed(),
                calls.calls(),
                calls.decisions(),
                calls.runs(),
                calls.outcomes(),
                tickets.tickets(),
                tickets.votes(),
                tickets.grants() + grants.uses(),
                calls.openCalls(),
                bodies.compared(),
                bodies.erased());
        return new AuditReport(
                fault, counts, keys.present().map(Ed25519Verifier::name), keys.vkeys(), notes.first(), notes.count());
    }
}
