package dev.guardrail.proof;

import java.io.ByteArrayOutputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// Entries under one tile of level 0 as a file (c2sp.org/tlog-tiles): each with its length before it, as a big-endian
/// uint16.
public final class EntryBundle {
    private EntryBundle() {}

    /// Writes a bundle.
    ///
    /// @throws IllegalArgumentException if an entry has more than 65 535 bytes
    public static byte[] encode(List<byte[]> entries) {
        var out = new ByteArrayOutputStream();
        for (byte[] entry : entries) {
            if (entry.length > MerkleTree.ENTRY_BYTES)
                throw new IllegalArgumentException("an entry has at most " + MerkleTree.ENTRY_BYTES + " bytes");
            out.write(entry.length >> 8);
            out.write(entry.length);
            out.writeBytes(entry);
        }
        return out.toByteArray();
    }

    /// Reads a bundle.
    ///
    /// @throws MalformedProof if the last entry is cut off
    public static List<byte[]> decode(byte[] bundle) {
        var entries = new ArrayList<byte[]>();
        var rest = ByteBuffer.wrap(bundle);
        try {
            while (rest.hasRemaining()) {
                byte[] entry = new byte[Short.toUnsignedInt(rest.getShort())];
                rest.get(entry);
                entries.add(entry);
            }
        } catch (BufferUnderflowException cut) {
            throw new MalformedProof("the last entry of a bundle is cut off", cut);
        }
        return entries;
    }
}
