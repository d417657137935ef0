package dev.guardrail.server.crash;

import dev.guardrail.journal.Store;
import dev.guardrail.proof.HashSource;
import dev.guardrail.proof.LogSource;
import java.io.IOException;
import java.util.List;

/// The log of a store with its leaf hashes, and the head that was signed last.
record StoredLog(Store store) implements LogSource {
    @Override
    public long size() {
        return store.size();
    }

    @Override
    public List<byte[]> entries(long from, long to) throws IOException {
        return store.read(from, to);
    }

    @Override
    public int levels() {
        return 1;
    }

    @Override
    public HashSource hashes() {
        return store.hashes();
    }

    @Override
    public List<byte[]> heads() throws IOException {
        return store.checkpoint().stream().toList();
    }
}
