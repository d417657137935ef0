package dev.guardrail.testing;

import java.io.DataInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Assumptions;

/// The regular files of a `.tar.gz` (POSIX ustar) of test data that others published. It is not part of the project:
/// the system property `guardrail.shared` names the directory whose `corpora` hold it; without it, a test is skipped.
public final class Archive {
    private static final int BLOCK = 512;

    private Archive() {}

    /// @return contents by path, sorted; the running test is skipped where the archive is not there
    public static SortedMap<String, byte[]> files(String name) {
        String shared = System.getProperty("guardrail.shared");
        Assumptions.assumeTrue(shared != null, "guardrail.shared is not set");
        Path archive = Path.of(shared, "corpora", name);
        Assumptions.assumeTrue(Files.isReadable(archive), "no " + archive);
        try (var in = new DataInputStream(new GZIPInputStream(Files.newInputStream(archive)))) {
            return read(in);
        } catch (IOException broken) {
            throw new IllegalStateException("cannot read " + archive, broken);
        }
    }

    private static SortedMap<String, byte[]> read(DataInputStream in) throws IOException {
        var files = new TreeMap<String, byte[]>();
        byte[] header = new byte[BLOCK];
        String longName = "";
        while (true) {
            in.readFully(header);
            if (header[0] == 0) return files;
            int size = Integer.parseInt(field(header, 124, 12).strip(), 8);
            byte[] body = new byte[size];
            in.readFully(body);
            in.skipNBytes((BLOCK - size % BLOCK) % BLOCK);
            char kind = (char) header[156];
            String prefix = field(header, 345, 155);
            String name =
                    longName.isEmpty() ? (prefix.isEmpty() ? "" : prefix + "/") + field(header, 0, 100) : longName;
            longName = kind == 'L' ? field(body, 0, size) : "";
            if (kind == '0' || kind == 0) files.put(name, body);
        }
    }

    private static String field(byte[] header, int from, int length) {
        int end = from;
        while (end < from + length && header[end] != 0) end++;
        return new String(header, from, end - from, StandardCharsets.UTF_8);
    }
}
