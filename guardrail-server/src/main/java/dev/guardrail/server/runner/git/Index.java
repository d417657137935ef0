package dev.guardrail.server.runner.git;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.guardrail.undo.Unfit;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Function;

/// The file `.git/index` (gitformat-index(5), versions 2 to 4), without what git itself only keeps to be faster:
/// when it last looked at which file, and its extensions.
final class Index {
    static final int FILE = 0100644;
    static final int EXECUTABLE = 0100755;
    static final int LINK = 0120000;
    static final int REPOSITORY = 0160000;

    /// Bytes of what git remembers of a file, before the object id.
    private static final int STAT = 40;

    private static final int MODE_AT = 24;
    private static final int ASSUMED = 0x8000;
    private static final int EXTENDED = 0x4000;
    private static final int STAGE = 0x3000;
    private static final int NAME = 0x0fff;
    private static final int SKIPPED = 0x4000;
    private static final int INTENDED = 0x2000;
    private static final byte[] SIGNATURE = "DIRC".getBytes(UTF_8);

    private Index() {}

    /// One path in one stage.
    ///
    /// @param mode type and permissions, as git has them
    /// @param stage 0, or 1 to 3 of a conflict
    /// @param assumed unchanged, whatever lies there
    /// @param skipped kept out of the work tree
    /// @param intended to be added
    record Entry(String path, int mode, String oid, int stage, boolean assumed, boolean skipped, boolean intended) {
        static final Comparator<Entry> ORDER = Comparator.comparing(
                        (Entry entry) -> entry.path().getBytes(UTF_8), Arrays::compareUnsigned)
                .thenComparing(Entry::stage);

        /// A plain entry, as a commit would give it.
        static Entry of(String path, int mode, String oid) {
            return new Entry(path, mode, oid, 0, false, false, false);
        }

        private boolean isExtended() {
            return skipped || intended;
        }
    }

    /// @throws Unfit where other files belong to it
    static List<Entry> parse(byte[] bytes, ObjectFormat format) throws IOException {
        if (bytes.length == 0) return List.of();
        try {
            return entries(ByteBuffer.wrap(bytes, 0, bytes.length - format.bytes()), format);
        } catch (BufferUnderflowException | IllegalArgumentException broken) {
            throw new Unfit("its index cannot be read");
        }
    }

    private static List<Entry> entries(ByteBuffer in, ObjectFormat format) throws IOException {
        byte[] signature = new byte[SIGNATURE.length];
        in.get(signature);
        int version = in.getInt();
        if (!Arrays.equals(signature, SIGNATURE) || version < 2 || version > 4)
            throw new Unfit("its index cannot be read");
        int count = in.getInt();
        var entries = new ArrayList<Entry>();
        byte[] before = new byte[0];
        for (int i = 0; i < count; i++) {
            int start = in.position();
            int mode = in.getInt(start + MODE_AT);
            in.position(start + STAT);
            byte[] oid = new byte[format.bytes()];
            in.get(oid);
            int flags = in.getShort();
            int more = version >= 3 && (flags & EXTENDED) != 0 ? in.getShort() : 0;
            byte[] name = version == 4 ? suffixed(before, in) : padded(start, in);
            before = name;
            entries.add(new Entry(
                    Git.text(name, 0, name.length),
                    mode,
                    HexFormat.of().formatHex(oid),
                    (flags & STAGE) >> 12,
                    (flags & ASSUMED) != 0,
                    (more & SKIPPED) != 0,
                    (more & INTENDED) != 0));
        }
        extensions(in);
        return entries;
    }

    /// Up to the next zero byte.
    private static byte[] name(ByteBuffer in) {
        var name = new ByteArrayOutputStream();
        for (byte each = in.get(); each != 0; each = in.get()) name.write(each);
        return name.toByteArray();
    }

    private static byte[] padded(int start, ByteBuffer in) {
        byte[] name = name(in);
        int length = in.position() - 1 - start;
        in.position(start + (length / 8 + 1) * 8);
        return name;
    }

    /// What the name before ends with is cut off, and something else follows.
    private static byte[] suffixed(byte[] before, ByteBuffer in) {
        int each = in.get() & 0xff;
        int cut = each & 0x7f;
        while ((each & 0x80) != 0) {
            each = in.get() & 0xff;
            cut = ((cut + 1) << 7) | (each & 0x7f);
        }
        byte[] rest = name(in);
        byte[] name = Arrays.copyOf(before, before.length - cut + rest.length);
        System.arraycopy(rest, 0, name, before.length - cut, rest.length);
        return name;
    }

    /// Those that begin with a capital letter are only there to be faster.
    private static void extensions(ByteBuffer in) throws IOException {
        while (in.hasRemaining()) {
            int first = in.get(in.position()) & 0xff;
            if (first < 'A' || first > 'Z') throw new Unfit("its index is split or sparse");
            in.position(in.position() + 4);
            int length = in.getInt();
            in.position(in.position() + length);
        }
    }

    /// @param stats what git would remember of each file, so that it need not read it again: 40 bytes, of which
    ///     those of the mode are not used
    static byte[] bytes(List<Entry> entries, ObjectFormat format, Function<Entry, byte[]> stats) {
        boolean extended = entries.stream().anyMatch(Entry::isExtended);
        var out = new ByteArrayOutputStream();
        out.writeBytes(SIGNATURE);
        out.writeBytes(ByteBuffer.allocate(8)
                .putInt(extended ? 3 : 2)
                .putInt(entries.size())
                .array());
        for (Entry entry : entries.stream().sorted(Entry.ORDER).toList())
            out.writeBytes(bytes(entry, format, stats.apply(entry)));
        MessageDigest digest = format.digest();
        out.writeBytes(digest.digest(out.toByteArray()));
        return out.toByteArray();
    }

    private static byte[] bytes(Entry entry, ObjectFormat format, byte[] stat) {
        byte[] name = entry.path().getBytes(UTF_8);
        int flags = (entry.assumed() ? ASSUMED : 0)
                | (entry.isExtended() ? EXTENDED : 0)
                | (entry.stage() << 12)
                | Math.min(name.length, NAME);
        int length = STAT + format.bytes() + (entry.isExtended() ? 4 : 2) + name.length;
        var out = ByteBuffer.allocate((length / 8 + 1) * 8);
        out.put(stat).putInt(MODE_AT, entry.mode());
        out.put(HexFormat.of().parseHex(entry.oid())).putShort((short) flags);
        if (entry.isExtended())
            out.putShort((short) ((entry.skipped() ? SKIPPED : 0) | (entry.intended() ? INTENDED : 0)));
        return out.put(name).array();
    }

    /// Nothing is remembered: git reads the file.
    static byte[] nothing() {
        return new byte[STAT];
    }
}
