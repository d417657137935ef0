package dev.guardrail.proof;

import java.util.Collection;
import java.util.Optional;

/// A key's word that another signs for a log from now on: the log's origin, then `key ` and the new verifier key, each
/// on its line. It is no checkpoint, so neither is taken for the other.
///
/// @param origin of the log from here on
/// @param vkey of the key that takes over; its name is the origin
public record Appointment(String origin, String vkey) {
    private static final String KEY = "key ";

    public Appointment {
        if (!Ed25519Verifier.parse(vkey).name().equals(origin))
            throw new MalformedProof("the key that takes over a log is named after the log's origin");
    }

    /// The appointment of a key for the log that it is named after.
    public static Appointment of(Verifier next) {
        return new Appointment(next.name(), next.vkey());
    }

    /// The note text, without signatures.
    public String text() {
        return origin + "\n" + KEY + vkey + "\n";
    }

    public SignedNote sign(Signer present) {
        return SignedNote.sign(text(), present);
    }

    /// The appointment in a note, where a trusted key signed it.
    ///
    /// @return empty where nobody trusted vouches for it
    /// @throws MalformedProof where the note or its text is malformed
    public static Optional<Appointment> open(byte[] note, Collection<? extends Verifier> trusted) {
        return SignedNote.parse(note).open(trusted).map(Appointment::parse);
    }

    private static Appointment parse(String text) {
        String[] lines = text.split("\n", -1);
        if (lines.length != 3 || !lines[1].startsWith(KEY) || !lines[2].isEmpty())
            throw new MalformedProof("an appointment has an origin and a key, each on its line");
        return new Appointment(lines[0], lines[1].substring(KEY.length()));
    }
}
