package dev.guardrail.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.journal.Batch;
import dev.guardrail.journal.Store;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class MemoryStoreContract extends StoreContract {
    private MemoryStore latest = new MemoryStore();

    @Override
    protected Store open() {
        latest = latest.reopen();
        return latest;
    }

    @Test
    void ordered_faults_show_and_pass() throws Exception {
        var one = new Batch(
                List.of(new Batch.Line(new byte[] {1}, new Batch.Terms(1, "k", "", "", "", "", ""))),
                List.of(),
                List.of());

        latest.breakDown(MemoryStore.Fault.REFUSED);
        assertThrows(IOException.class, () -> latest.commit(one));
        assertFalse(latest.writable());
        assertEquals(0, latest.size());

        latest.breakDown(MemoryStore.Fault.UNKNOWN);
        assertThrows(IOException.class, () -> latest.commit(one));
        assertThrows(IOException.class, () -> latest.commit(one));
        assertEquals(1, latest.size());

        latest.mend();
        assertTrue(latest.writable());
        assertEquals(1, latest.commit(one).seq());
    }
}
