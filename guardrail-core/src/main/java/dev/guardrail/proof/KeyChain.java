package dev.guardrail.proof;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.guardrail.base.Sha256;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// The keys of a log as its entries name them, each appointed by the one before, and the heads that they signed.
final class KeyChain {
    private final Set<String> pinned;
    private final List<Ed25519Verifier> keys = new ArrayList<>();
    private boolean trusted;
    private boolean afterGap;
    private long heads;
    private long signed;

    /// @param pinned keys given out of band; where there are none, the first one that the log names is believed
    KeyChain(Collection<? extends Verifier> pinned) {
        this.pinned = Set.copyOf(pinned.stream().map(Verifier::vkey).toList());
    }

    /// The key that signs from now on.
    Optional<Ed25519Verifier> present() {
        return keys.isEmpty() ? Optional.empty() : Optional.of(keys.getLast());
    }

    List<String> vkeys() {
        return keys.stream().map(Ed25519Verifier::vkey).toList();
    }

    /// Number of heads that were verified.
    long heads() {
        return heads;
    }

    /// Entries that the largest verified head covers.
    long signed() {
        return signed;
    }

    /// An entry says that others are lost: the next one names a key of a new origin.
    void gap() {
        afterGap = true;
    }

    /// An entry that is about something else.
    Optional<Breach> other() {
        return Breach.unless(!afterGap, "same-origin", "goes on under the same origin after entries were lost");
    }

    Optional<Breach> rotated(Members entry) {
        Ed25519Verifier next;
        try {
            next = Ed25519Verifier.parse(entry.text("vkey").orElseThrow());
        } catch (MalformedProof malformed) {
            return Breach.of("bad-key", "names a key that is none: " + malformed.getMessage());
        }
        var breach = keys.isEmpty() ? Optional.<Breach>empty() : appointed(next, entry);
        trusted = pinned.isEmpty() || pinned.contains(next.vkey()) || trusted && entry.has("appointment");
        keys.add(next);
        afterGap = false;
        return breach;
    }

    private Optional<Breach> appointed(Ed25519Verifier next, Members entry) {
        var before = keys.getLast();
        if (!before.name().equals(next.name()) && !afterGap)
            return Breach.of("other-origin", "names a key of another origin, and no entry before it says why");
        if (before.name().equals(next.name()) && afterGap)
            return Breach.of("same-origin", "goes on under the same origin after entries were lost");
        var note = entry.text("appointment");
        if (note.isEmpty())
            return Breach.unless(afterGap, "not-appointed", "names a key that the key before did not appoint");
        try {
            var appointment = Appointment.open(note.get().getBytes(UTF_8), List.of(before));
            return Breach.unless(
                    appointment.equals(Optional.of(Appointment.of(next))),
                    "not-appointed",
                    "names a key that the key before did not appoint");
        } catch (MalformedProof malformed) {
            return Breach.of("not-appointed", "has an appointment that is none: " + malformed.getMessage());
        }
    }

    /// Checks a signed head of as many entries as were read, and no more.
    Optional<Breach> head(byte[] bytes, long size, Sha256 root) {
        if (keys.isEmpty() && pinned.isEmpty())
            return Breach.of("no-key", "is covered by a head, and no entry before it names a key");
        Optional<String> opened = SignedNote.parse(bytes)
                .open(
                        keys.isEmpty()
                                ? pinned.stream().map(Ed25519Verifier::parse).toList()
                                : List.of(keys.getLast()));
        if (opened.isEmpty())
            return Breach.of(
                    "bad-signature",
                    "is the first that no head vouches for: the head of " + size
                            + " entries is not signed by the log's key");
        var head = Checkpoint.parse(opened.get());
        boolean ours =
                present().map(Ed25519Verifier::name).orElse(head.origin()).equals(head.origin());
        if (!ours)
            return Breach.of("other-origin", "is the first that no head vouches for: the next head is of another log");
        if (!head.root().equals(root))
            return Breach.of(
                    "other-root",
                    "is the first that no head vouches for: the first " + size
                            + " entries are not those that were signed");
        heads++;
        if (trusted || keys.isEmpty()) signed = size;
        return Optional.empty();
    }

    /// True where keys were pinned and none of them vouches for the end of the log.
    boolean isUntrusted() {
        return !pinned.isEmpty() && !keys.isEmpty() && !trusted;
    }

    boolean isPinned() {
        return !pinned.isEmpty();
    }
}
