package dev.guardrail.server.cli;

import dev.guardrail.proof.Checkpoint;
import dev.guardrail.proof.HashSource;
import dev.guardrail.proof.LogSource;
import dev.guardrail.proof.SignedNote;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;

/// A running sidecar's log as its export gives it, as far as a fresh head covers it. Read once, from front to end.
final class RemoteLog implements LogSource, AutoCloseable {
    private final byte[] head;
    private final InputStream lines;
    private final long size;

    private RemoteLog(byte[] head, InputStream lines) {
        this.head = head;
        this.lines = lines;
        this.size = Checkpoint.parse(SignedNote.parse(head).text()).size();
    }

    static RemoteLog of(Api api) throws Api.Refused, IOException {
        try (var head = api.stream("/v1/audit/checkpoint")) {
            return new RemoteLog(head.readAllBytes(), api.stream("/v1/audit/export?format=jsonl"));
        }
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public List<byte[]> entries(long from, long to) throws IOException {
        var entries = new ArrayList<byte[]>();
        while (entries.size() < to - from) {
            byte[] line = line();
            if (line.length == 0) break;
            entries.add(line);
        }
        return entries;
    }

    private byte[] line() throws IOException {
        var line = new ByteArrayOutputStream();
        for (int next = lines.read(); next >= 0 && next != '\n'; next = lines.read()) line.write(next);
        return line.toByteArray();
    }

    @Override
    public int levels() {
        return 0;
    }

    @Override
    public HashSource hashes() {
        return (level, from, to) -> List.of();
    }

    @Override
    public List<byte[]> heads() {
        return List.of(head);
    }

    @Override
    public void close() throws IOException {
        lines.close();
    }
}
